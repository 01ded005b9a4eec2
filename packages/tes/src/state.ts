/**
 * Task states (TES 1.1, schema `tesState`) and what they mean for a caller.
 */
import * as z from 'zod/mini'

export const TesState = z.enum([
  'UNKNOWN',
  'QUEUED',
  'INITIALIZING',
  'RUNNING',
  'PAUSED',
  'COMPLETE',
  'EXECUTOR_ERROR',
  'SYSTEM_ERROR',
  'CANCELED',
  'PREEMPTED',
  'CANCELING',
])
export type TesState = z.infer<typeof TesState>

/** The states a task never leaves. PREEMPTED ends an attempt, and so ends the task at a server that does not retry. */
export const TERMINAL_STATES = [
  'COMPLETE',
  'EXECUTOR_ERROR',
  'SYSTEM_ERROR',
  'CANCELED',
  'PREEMPTED',
] as const satisfies readonly TesState[]
export type TerminalState = (typeof TERMINAL_STATES)[number]

const terminal: ReadonlySet<string> = new Set(TERMINAL_STATES)

/** True if no later answer of the same server can change the state. A state that the standard does not know is not terminal. */
export function isTerminal(state: string | undefined): state is TerminalState {
  return state !== undefined && terminal.has(state)
}
