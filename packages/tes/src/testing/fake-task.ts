/**
 * A task at a fake site: it walks through given states, one step at a time, and never sleeps.
 */
import { isTerminal, type TesState, type TesTask, type TesTaskFull, type TesTaskLog } from '../index.ts'

export interface FakeTask {
  readonly id: string
  /** As it was submitted. */
  readonly document: TesTask
  /** The states still to come. */
  readonly steps: TesState[]
  readonly createdAt: number
  state: TesState
  startedAt?: number | undefined
  endedAt?: number | undefined
  /** Was it asked to cancel? At a site that runs on, `state` says CANCELED while the steps go on. */
  cancelled: boolean
  /** True once the last step is done: what the task does outside TES has then happened, whatever `state` says. */
  ran: boolean
}

export function createFakeTask(id: string, document: TesTask, steps: readonly TesState[], now: number): FakeTask {
  const [state = 'QUEUED', ...rest] = steps
  return { id, document, steps: rest, createdAt: now, state, cancelled: false, ran: false }
}

/** Moves the task one step on. A task without further steps stays as it is. */
export function stepOn(task: FakeTask, now: number): void {
  const next = task.steps.shift()
  if (next === undefined) return
  if (next === 'RUNNING') task.startedAt ??= now
  const last = task.steps.length === 0 && isTerminal(next)
  task.endedAt = last ? now : undefined
  task.ran ||= last
  // Cancelled and still walking: the site runs on and does not show it.
  if (!task.cancelled) task.state = next
}

/** The task ends in CANCELED, or only says so and goes on with its steps. */
export function cancelFakeTask(task: FakeTask, now: number, runsOn: boolean): void {
  task.cancelled = true
  task.state = 'CANCELED'
  if (runsOn) return
  task.steps.length = 0
  task.endedAt = now
}

/** The task in full, as the standard has it. */
export function showFakeTask(task: FakeTask, skewMs: number): TesTaskFull {
  return { ...task.document, id: task.id, state: task.state, creation_time: time(task.createdAt + skewMs), logs: logsOf(task, skewMs) }
}

function logsOf(task: FakeTask, skewMs: number): TesTaskLog[] {
  if (task.startedAt === undefined) return []
  const start_time = time(task.startedAt + skewMs)
  if (task.endedAt === undefined) return [{ logs: [], outputs: [], start_time }]
  const end_time = time(task.endedAt + skewMs)
  const exit_code = task.state === 'EXECUTOR_ERROR' ? 1 : 0
  const outputs = task.state === 'COMPLETE' ? (task.document.outputs ?? []).map(({ url, path }) => ({ url, path, size_bytes: '0' })) : []
  const logs = task.document.executors.map(() => ({ start_time, end_time, exit_code, stdout: '', stderr: '' }))
  return [{ logs, outputs, start_time, end_time, system_logs: [`Ended as ${task.state}`] }]
}

const time = (ms: number): string => new Date(ms).toISOString()
