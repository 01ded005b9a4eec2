/**
 * Records what happened to attempts: reads the work item and its attempts, composes the writes, and hands them to the store under a lease.
 * A refused compare-and-set means that somebody else wrote in between: it reads again and composes anew. A fenced write changes nothing.
 */
import type { Attempt, AttemptEvent, AttemptId, SettleRules, SiteId, WorkFate, WorkId } from '@portolan/federation'
import { SYSTEM } from '../auth/principal.ts'
import type { LeaseProof, Store } from '../stores/store.ts'
import { type ComposedWrite, composeSettle, composeWrite, type Evidence } from './compose-write.ts'

const CONFLICT_TRIES = 5

export type Recorded = { readonly outcome: 'done'; readonly fate: WorkFate } | { readonly outcome: 'unchanged' | 'fenced' | 'conflict' }

/** Told of every recorded step, after it is durable: feeds metrics and the moving averages of the site. `ended`: the work item ended with it. */
export type RecordListener = (site: SiteId, before: Attempt | undefined, after: Attempt, fate: WorkFate, ended: boolean) => void

export interface Recorder {
  record(lease: LeaseProof, work: WorkId, attempt: AttemptId, events: readonly AttemptEvent[], evidence?: Evidence): Promise<Recorded>
  /** Many works at once; what is refused by a compare-and-set is left for the next sweep (`partly`). */
  recordSweep(
    lease: LeaseProof,
    changes: readonly { readonly work: WorkId; readonly attempt: AttemptId; readonly events: readonly AttemptEvent[] }[],
  ): Promise<'done' | 'partly' | 'fenced'>
  /** Writes what follows for a work item from the time that has passed alone. */
  settle(lease: LeaseProof, work: WorkId): Promise<'done' | 'fenced'>
}

export function createRecorder(store: Store, rules: SettleRules, now: () => number, listener: RecordListener): Recorder {
  function compose(work: WorkId, attempt: AttemptId, events: readonly AttemptEvent[], evidence: Evidence): ComposedWrite | undefined {
    const row = store.getWork(SYSTEM, work)
    if (!row) return undefined
    return composeWrite(row, store.getAttempts(SYSTEM, work), attempt, events, evidence, rules, now())
  }

  function tell(before: Attempt | undefined, composed: ComposedWrite): void {
    const last = composed.attempts.at(-1)
    if (last) listener(last.attempt.site, before, last.attempt, composed.fate, composed.work?.endedAt !== undefined)
  }

  return {
    async record(lease, work, attempt, events, evidence = {}) {
      for (let tries = 0; tries < CONFLICT_TRIES; tries++) {
        const before = store.getAttempts(SYSTEM, work).find(({ id }) => id === attempt)
        const composed = compose(work, attempt, events, evidence)
        if (!composed) return { outcome: 'unchanged' }
        const answer = await store.execute({
          kind: 'transition',
          principal: SYSTEM,
          lease,
          attempts: composed.attempts,
          work: composed.work,
          now: now(),
        })
        if (answer.outcome === 'fenced') return { outcome: 'fenced' }
        if (answer.outcome === 'done') {
          tell(before, composed)
          return { outcome: 'done', fate: composed.fate }
        }
      }
      return { outcome: 'conflict' }
    },

    async recordSweep(lease, changes) {
      const composed = changes.flatMap(({ work, attempt, events }) => {
        const write = compose(work, attempt, events, {})
        const before = store.getAttempts(SYSTEM, work).find(({ id }) => id === attempt)
        return write ? [{ before, write }] : []
      })
      if (composed.length === 0) return 'done'
      const answer = await store.execute({
        kind: 'sweepDiff',
        principal: SYSTEM,
        lease,
        writes: composed.map(({ write }) => ({ attempts: write.attempts, work: write.work })),
        now: now(),
      })
      if (answer.outcome === 'fenced') return 'fenced'
      const refused = new Set(answer.refused)
      composed.forEach(({ before, write }, index) => {
        if (!refused.has(index)) tell(before, write)
      })
      return refused.size === 0 ? 'done' : 'partly'
    },

    async settle(lease, work) {
      const row = store.getWork(SYSTEM, work)
      const write = row && composeSettle(row, store.getAttempts(SYSTEM, work), rules, now())
      if (!write) return 'done'
      const answer = await store.execute({ kind: 'transition', principal: SYSTEM, lease, attempts: [], work: write, now: now() })
      return answer.outcome === 'fenced' ? 'fenced' : 'done'
    },
  }
}
