/**
 * The sequencer: numbers committed events and chains their hashes, under the lease `events`. Within a second of a commit its event has a number,
 * and who follows events is told.
 */
import { SYSTEM } from '../auth/principal.ts'
import type { Bus } from '../bus/bus.ts'
import type { Store } from '../stores/store.ts'
import type { LeaseHolder } from './lease.ts'

const BATCH = 2_000
const EVERY_MS = 500

export interface Sequencer {
  round(signal: AbortSignal): Promise<number>
}

export function createSequencer(store: Store, lease: LeaseHolder, bus: Pick<Bus, 'wake'>, now: () => number): Sequencer {
  return {
    async round(signal) {
      const proof = await lease.hold()
      if (!proof) return now() + 1000
      for (;;) {
        const answer = await store.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease: proof, limit: BATCH })
        if (answer.outcome === 'fenced') lease.drop()
        if (answer.sequenced > 0) bus.wake('events')
        if (signal.aborted || answer.sequenced < BATCH) return now() + EVERY_MS
      }
    },
  }
}
