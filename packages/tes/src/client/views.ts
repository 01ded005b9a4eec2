/**
 * What each view gives, as foreign servers fill it: three types, so that nobody reads a log text from a MINIMAL answer.
 */
import type { ReadExecutorLog, ReadMinimal, ReadTask, ReadTaskLog } from '../index.ts'

type ReadExecutorLogBasic = Omit<ReadExecutorLog, 'stdout' | 'stderr'>
type ReadTaskLogBasic = Omit<ReadTaskLog, 'logs' | 'system_logs'> & { logs: ReadExecutorLogBasic[] }
type ReadInputBasic = Omit<NonNullable<ReadTask['inputs']>[number], 'content'>

/** Everything but inline content, log texts and system logs. */
export type ReadBasic = Omit<ReadTask, 'inputs' | 'logs'> & {
  inputs?: ReadInputBasic[] | undefined
  logs?: ReadTaskLogBasic[] | undefined
}

export interface ReadByView {
  MINIMAL: ReadMinimal
  BASIC: ReadBasic
  FULL: ReadTask
}
