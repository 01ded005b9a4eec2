/**
 * Records what happened to attempts: reads the work item and its attempts, composes the writes, and hands them to the store under a lease.
 * A refused compare-and-set means that somebody else wrote in between: it reads again and composes anew. A fenced write changes nothing.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Attempt, AttemptEvent, AttemptId, SettleRules, SiteId, WorkFate, WorkId } from '@portolan/federation'
import { isTerminal, type TerminalState } from '@portolan/tes'
import { SYSTEM } from '../auth/principal.ts'
import type { LeaseProof, Store, WorkWrite } from '../stores/store.ts'
import { type ComposedWrite, composeSettle, composeWrite, type Evidence } from './compose-write.ts'

const CONFLICT_TRIES = 5
/** Changes of a sweep that are composed in one go: requests are answered between. */
const SWEPT_AT_ONCE = 25

/** What a sweep says of one attempt. */
export interface SweptChange {
  readonly work: WorkId
  readonly attempt: AttemptId
  /** Of the attempt that the sweep was compared with: if it has changed since, the sweep says nothing of it. */
  readonly version: number
  readonly events: readonly AttemptEvent[]
}

interface Composed {
  readonly before: Attempt | undefined
  readonly write: ComposedWrite
}

export type Recorded = { readonly outcome: 'done'; readonly fate: WorkFate } | { readonly outcome: 'unchanged' | 'fenced' | 'conflict' }

/** Told of what is recorded, after it is durable: feeds metrics and the moving averages of the site. */
export interface RecordListener {
  /** An attempt went a step on. */
  changed(site: SiteId, before: Attempt | undefined, after: Attempt, fate: WorkFate): void
  /** A work item ended. */
  ended(state: TerminalState): void
}

export interface Recorder {
  record(lease: LeaseProof, work: WorkId, attempt: AttemptId, events: readonly AttemptEvent[], evidence?: Evidence): Promise<Recorded>
  /** Many works, a few at a time; what does not apply any more, or is refused by a compare-and-set, is left for the next sweep (`partly`). */
  recordSweep(lease: LeaseProof, changes: readonly SweptChange[]): Promise<'done' | 'partly' | 'fenced'>
  /** Writes what follows for a work item from the time that has passed alone. */
  settle(lease: LeaseProof, work: WorkId): Promise<'done' | 'fenced'>
}

export function createRecorder(store: Store, rules: SettleRules, now: () => number, listener: RecordListener): Recorder {
  function compose(work: WorkId, id: AttemptId, events: readonly AttemptEvent[], evidence: Evidence = {}): Composed | undefined {
    const row = store.getWork(SYSTEM, work)
    if (!row) return undefined
    const attempts = store.getAttempts(SYSTEM, work)
    const write = composeWrite(row, attempts, id, events, evidence, rules, now())
    return write && { before: attempts.find(attempt => attempt.id === id), write }
  }

  function tell({ before, write }: Composed): void {
    const last = write.attempts.at(-1)
    if (last) listener.changed(last.attempt.site, before, last.attempt, write.fate)
    tellEnd(write.work)
  }

  function tellEnd(work: WorkWrite | undefined): void {
    if (work?.endedAt !== undefined && isTerminal(work.state)) listener.ended(work.state)
  }

  async function recordSome(lease: LeaseProof, changes: readonly SweptChange[]): Promise<'done' | 'partly' | 'fenced'> {
    const composed = changes.flatMap(({ work, attempt, version, events }) => {
      const one = compose(work, attempt, events)
      return one?.before?.version === version ? [one] : []
    })
    if (composed.length === 0) return 'partly'
    const writes = composed.map(({ write }) => ({ attempts: write.attempts, work: write.work }))
    const answer = await store.execute({ kind: 'sweepDiff', principal: SYSTEM, lease, writes, now: now() })
    if (answer.outcome === 'fenced') return 'fenced'
    const refused = new Set(answer.refused)
    composed.forEach((one, index) => {
      if (!refused.has(index)) tell(one)
    })
    return refused.size === 0 && composed.length === changes.length ? 'done' : 'partly'
  }

  return {
    async record(lease, work, attempt, events, evidence = {}) {
      for (let tries = 0; tries < CONFLICT_TRIES; tries++) {
        const composed = compose(work, attempt, events, evidence)
        if (!composed) return { outcome: 'unchanged' }
        const answer = await store.execute({
          kind: 'transition',
          principal: SYSTEM,
          lease,
          attempts: composed.write.attempts,
          work: composed.write.work,
          now: now(),
        })
        if (answer.outcome === 'fenced') return { outcome: 'fenced' }
        if (answer.outcome === 'done') {
          tell(composed)
          return { outcome: 'done', fate: composed.write.fate }
        }
      }
      return { outcome: 'conflict' }
    },

    async recordSweep(lease, changes) {
      let outcome: 'done' | 'partly' = 'done'
      for (let from = 0; from < changes.length; from += SWEPT_AT_ONCE) {
        const some = await recordSome(lease, changes.slice(from, from + SWEPT_AT_ONCE))
        if (some === 'fenced') return 'fenced'
        if (some === 'partly') outcome = 'partly'
        await nextTurn()
      }
      return outcome
    },

    async settle(lease, work) {
      const row = store.getWork(SYSTEM, work)
      const write = row && composeSettle(row, store.getAttempts(SYSTEM, work), rules, now())
      if (!write) return 'done'
      const answer = await store.execute({ kind: 'transition', principal: SYSTEM, lease, attempts: [], work: write, now: now() })
      if (answer.outcome === 'done') tellEnd(write)
      return answer.outcome === 'fenced' ? 'fenced' : 'done'
    },
  }
}
