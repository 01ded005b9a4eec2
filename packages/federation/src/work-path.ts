/**
 * The path of states that a user sees (invariant I7): QUEUED, INITIALIZING, RUNNING or PAUSED, an end; steps may be left out and none is taken
 * back. A second attempt does not show the queue again once the first has run. PREEMPTED ends attempts, not tasks; UNKNOWN says nothing; CANCELING
 * is shown only to clients that ask for it.
 */
import type { TesState } from '@portolan/tes'
import { isEnd, rankOf } from './site-states.ts'

const NEVER_SHOWN: ReadonlySet<TesState> = new Set(['UNKNOWN', 'PREEMPTED', 'CANCELING'])

/** The state to show when `shown` is on view and an attempt is in `next`. */
export function advanceShown(shown: TesState, next: TesState | undefined): TesState {
  if (next === undefined || isEnd(shown) || NEVER_SHOWN.has(next) || rankOf(next) < rankOf(shown)) return shown
  return next
}

/** True if a user may see these states one after the other. */
export function isLegalPath(states: readonly TesState[]): boolean {
  return states.every((state, index) => {
    const before = states[index - 1]
    return !NEVER_SHOWN.has(state) && (before === undefined || advanceShown(before, state) === state)
  })
}
