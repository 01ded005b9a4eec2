/**
 * The states that a site may show, in the order in which a task passes them (TES 1.1, `tesState`).
 */
import type { TerminalState, TesState } from '@portolan/tes'

/** RUNNING and PAUSED share a rank: a task may go from one to the other and back. */
const RANKS = {
  UNKNOWN: 0,
  QUEUED: 1,
  INITIALIZING: 2,
  RUNNING: 3,
  PAUSED: 3,
  CANCELING: 4,
  COMPLETE: 5,
  EXECUTOR_ERROR: 5,
  SYSTEM_ERROR: 5,
  CANCELED: 5,
  PREEMPTED: 5,
} as const satisfies Record<TesState, number>

const RAN: ReadonlySet<TesState> = new Set(['RUNNING', 'PAUSED', 'COMPLETE', 'EXECUTOR_ERROR', 'PREEMPTED'])

/** How far along the path a state is; equal ranks may alternate, a lower one is a step back. */
export function rankOf(state: TesState): number {
  return RANKS[state]
}

export function isEnd(state: TesState): state is TerminalState {
  return RANKS[state] === RANKS.COMPLETE
}

/** True if a task that shows this state has surely begun to run. */
export function impliesRun(state: TesState): boolean {
  return RAN.has(state)
}

/** The one further along; `next` where both are as far. */
export function furthest(known: TesState | undefined, next: TesState): TesState {
  return known !== undefined && rankOf(known) > rankOf(next) ? known : next
}
