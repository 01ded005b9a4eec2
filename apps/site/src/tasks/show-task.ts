/**
 * A task as whoever asks for it alone is shown it: what it is on disk, and in the FULL view what the executor that runs has written until now.
 */
import { isTerminal, type TesExecutorLog, type TesTaskFull, type TesView } from '@portolan/tes'
import type { TaskRecord } from '../store/record.ts'
import { readSupervisor, startOf, stderrOf, stdoutOf } from '../supervisor/supervisor.ts'
import { readLogText } from './log-text.ts'
import type { TaskFolder } from './task-folder.ts'

/** It has neither an end nor an exit code yet. */
type RunningLog = Omit<TesExecutorLog, 'end_time' | 'exit_code'>

/** The record's own task, which may hold more than the view shows, or the JSON text of one whose executor runs. */
export async function showTask(record: TaskRecord, folder: TaskFolder, view: TesView): Promise<TesTaskFull | string> {
  const { task } = record
  const [log] = task.logs ?? []
  if (view !== 'FULL' || task.state !== 'RUNNING' || record.executorsOver || !log) return task
  const index = log.logs.length
  const running = await readRunning(folder.executor(index))
  // Where it has ended meanwhile its whole log is there, or its files are gone.
  if (!running || log.logs.length > index || isTerminal(task.state)) return task
  return JSON.stringify({ ...task, logs: [{ ...log, logs: [...log.logs, running] }] })
}

/** Undefined: it was not started yet. */
async function readRunning(state: string): Promise<RunningLog | undefined> {
  const startedAt = (await readSupervisor(state)) && (await startOf(state))
  if (!startedAt) return undefined
  const [stdout, stderr] = await Promise.all([stdoutOf(state), stderrOf(state)].map(path => readLogText(path, { grows: true })))
  return { start_time: startedAt.toISOString(), stdout, stderr }
}
