/**
 * The life of one task: stage, run, store, end. Each step is on disk before the next begins, so a restart goes on where the last site was.
 */
import type { TerminalState } from '@portolan/tes'
import type { Report } from '../options.ts'
import { type StagingOptions, stageInput } from '../staging/stage-inputs.ts'
import { named, StagingFailed } from '../staging/staging-failed.ts'
import { logOf, note, type TaskRecord } from '../store/record.ts'
import { describeRefusal } from '../system-words.ts'
import { PathRefused } from './container-path.ts'
import { planMounts, refusePathsBelowFiles } from './mounts.ts'
import { type ExecutorContext, endExecutors, runExecutors } from './run-executors.ts'
import { storeResults } from './store-results.ts'
import { TaskFailed } from './task-failed.ts'
import type { TaskFolder } from './task-folder.ts'

export interface TaskContext extends ExecutorContext {
  readonly staging: StagingOptions
  readonly report: Report
  /** Facts for `logs[].metadata`. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface TaskSignals {
  /** The site goes away: leave everything as it is on disk, and what runs running. */
  readonly stop: AbortSignal
  readonly cancel: AbortSignal
}

/** Brings a task to its end, or returns early when the site goes away. Rejects only if its record cannot be written. */
export async function runTask(record: TaskRecord, folder: TaskFolder, context: TaskContext, signals: TaskSignals): Promise<void> {
  const signal = AbortSignal.any([signals.stop, signals.cancel])
  let end: TerminalState
  try {
    signal.throwIfAborted()
    if (record.task.state === 'QUEUED' || record.task.state === 'INITIALIZING') await stage(record, folder, context, signal)
    if (!record.executorsOver) {
      await runExecutors(record, folder, context, signal)
      record.executorsOver = true
      await context.save(record)
    }
    end = await storeResults(record, folder, { staging: context.staging, explain: error => explain(error, record, context) }, signal)
  } catch (error) {
    if (signals.stop.aborted) return
    if (!signals.cancel.aborted) note(record, `error: ${explain(error, record, context)}`)
    end = signals.cancel.aborted ? 'CANCELED' : 'SYSTEM_ERROR'
    const isOver = record.executorsOver || (await endExecutors(record, folder, context, signals.stop))
    if (signals.stop.aborted) return
    if (!isOver) note(record, 'warning: some processes of this task did not end when they were killed')
  }
  logOf(record).end_time = new Date().toISOString()
  record.task.state = end
  await context.save(record)
  await folder.remove()
}

async function stage(record: TaskRecord, folder: TaskFolder, context: TaskContext, signal: AbortSignal): Promise<void> {
  const { task } = record
  const log = logOf(record)
  log.start_time ??= new Date().toISOString()
  log.metadata = { ...context.metadata }
  task.state = 'INITIALIZING'
  await context.save(record)
  planMounts(task)
  await folder.clear()
  const inputs: NonNullable<typeof task.inputs> = []
  for (const input of task.inputs ?? []) {
    const type = await named(`the input ${input.path}`, () => stageInput(input, folder.root, context.staging, signal))
    inputs.push({ ...input, type })
  }
  if (task.inputs) task.inputs = inputs
  refusePathsBelowFiles(task)
  await folder.prepare(planMounts(task))
  signal.throwIfAborted()
  task.state = 'RUNNING'
  await context.save(record)
}

/** What a person may read of an error. An unforeseen one may hold paths of this machine: only the operator is told what it says. */
function explain(error: unknown, record: TaskRecord, context: TaskContext): string {
  if (error instanceof StagingFailed || error instanceof TaskFailed || error instanceof PathRefused) return error.message
  context.report(`task ${record.task.id} failed`, error)
  return `the site failed: ${describeRefusal(error) ?? 'its operator finds the reason in its log, by the id of this task'}`
}
