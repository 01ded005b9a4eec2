/**
 * What the site keeps of one task: the document as it is shown, and what a restart must know.
 */
import { TesState, TesTask, type TesTaskFull, type TesTaskLog } from '@portolan/tes'
import * as z from 'zod/mini'

export const TaskRecord = z.object({
  task: z.extend(TesTask, { id: z.string(), state: TesState }),
  cancelRequested: z.boolean(),
  /** The executors are over; what is left is to store the outputs. */
  executorsOver: z.boolean(),
})
export interface TaskRecord {
  task: TesTaskFull
  cancelRequested: boolean
  executorsOver: boolean
}

/** The one log entry of a task; made when it is first asked for. */
export function logOf(record: TaskRecord): TesTaskLog {
  const [first] = record.task.logs ?? []
  if (first) return first
  const log: TesTaskLog = { logs: [], outputs: [], system_logs: [] }
  record.task.logs = [log]
  return log
}

/** Adds a line to the system log of a task. */
export function note(record: TaskRecord, line: string): void {
  const log = logOf(record)
  log.system_logs = [...(log.system_logs ?? []), line]
}
