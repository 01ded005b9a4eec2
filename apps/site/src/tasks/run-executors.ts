/**
 * Runs the executors of a task in order, each under its supervisor; what was started before a restart is taken up where it is.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TesExecutor } from '@portolan/tes'
import type { ChooseRunner } from '../runners/choose.ts'
import { describeNotRun } from '../runners/not-run.ts'
import type { Conclusion, Runner } from '../runners/runner.ts'
import { named } from '../staging/staging-failed.ts'
import { writeAtomically } from '../store/atomic-file.ts'
import { logOf, note, type TaskRecord } from '../store/record.ts'
import { killProcesses, MARK_VARIABLE } from '../supervisor/kill.ts'
import { forbidStart, readSupervisor, startExecutor, startOf, stderrOf, stdoutOf, waitForEnd } from '../supervisor/supervisor.ts'
import { readLogText } from './log-text.ts'
import { planMounts } from './mounts.ts'
import { TaskFailed } from './task-failed.ts'
import type { TaskFolder } from './task-folder.ts'

/** An exit code above it says that a signal ended the command. */
const KILLED_ABOVE = 128
/** How much of a runtime's words is shown when it failed. */
const SAID_LENGTH = 1000

export interface ExecutorContext {
  readonly siteId: string
  readonly choose: ChooseRunner
  readonly runners: readonly Runner[]
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  save(record: TaskRecord): Promise<void>
}

/** Runs what is left to run. Returns when an executor failed that may not, or all are over. Throws `TaskFailed` for what is the site's fault. */
export async function runExecutors(record: TaskRecord, folder: TaskFolder, context: ExecutorContext, signal: AbortSignal): Promise<void> {
  const { executors } = record.task
  for (let index = logOf(record).logs.length; index < executors.length; index++) {
    const executor = executors[index]
    if (!executor || hasFailed(record)) return
    await runExecutor({ record, executor, index, folder, context }, signal)
  }
}

/** True if an executor ended with another code than 0 and its error may not be ignored. */
export function hasFailed(record: TaskRecord): boolean {
  return logOf(record).logs.some((log, index) => log.exit_code !== 0 && record.task.executors[index]?.ignore_error !== true)
}

/** One executor of a task and what it needs to run. */
interface ExecutorRun {
  readonly record: TaskRecord
  readonly executor: TesExecutor
  readonly index: number
  readonly folder: TaskFolder
  readonly context: ExecutorContext
}

async function runExecutor(run: ExecutorRun, signal: AbortSignal): Promise<void> {
  const { record, executor, index, folder, context } = run
  const state = folder.executor(index)
  const name = nameOf(record, index, context)
  if (!(await readSupervisor(state))) await start(run, signal)
  const end = await waitForEnd(state, signal)
  const supervisor = await readSupervisor(state)
  const runner = await runnerOf(state, context)
  // As a container's processes end with its first, so do those of a plain command.
  if (runner?.leavesProcesses || end.outcome === 'lost') await killProcesses(supervisor, name, 0)
  let conclusion: Conclusion | undefined
  // A container's client that is killed leaves its container behind.
  if (end.outcome === 'lost' || end.exitCode > KILLED_ABOVE) await runner?.end(name, signal)
  else {
    const said = (await readLogText(stderrOf(state))).trim().slice(-SAID_LENGTH)
    conclusion = await runner?.conclude({ name, scratch: scratchOf(state), exitCode: end.exitCode, said }, signal)
    signal.throwIfAborted()
    if (conclusion && 'failure' in conclusion)
      throw new TaskFailed(`${runner?.name} could not run executor ${index} (${executor.image}): ${conclusion.failure}`)
  }
  if (end.outcome === 'lost') {
    throw new TaskFailed(
      `the supervisor of executor ${index} is gone and left no exit code: the machine was restarted, or the process was killed`,
    )
  }
  const notRun = conclusion && 'notRun' in conclusion ? conclusion.notRun : undefined
  const stderr = notRun === undefined ? stderrOf(state) : join(state, 'not-run')
  if (notRun !== undefined) await writeFile(stderr, describeNotRun(executor.command[0] ?? '', notRun))
  for (const [path, source] of [
    [executor.stdout, stdoutOf(state)],
    [executor.stderr, stderr],
  ] as const) {
    if (path !== undefined) await named(`what executor ${index} wrote for ${path}`, () => folder.root.place(source, path))
  }
  logOf(record).logs.push({
    start_time: ((await startOf(state)) ?? end.endedAt).toISOString(),
    end_time: end.endedAt.toISOString(),
    stdout: await readLogText(stdoutOf(state)),
    stderr: await readLogText(stderr),
    exit_code: notRun ?? end.exitCode,
  })
  await context.save(record)
}

async function start({ record, executor, index, folder, context }: ExecutorRun, signal: AbortSignal): Promise<void> {
  const { runner, refused } = await context.choose(executor.image, signal)
  if (!runner) throw new TaskFailed(`no runtime of this site runs the image ${executor.image}: ${refused.join('; ')}`)
  const stdin = executor.stdin === undefined ? '/dev/null' : await folder.root.resolve(executor.stdin)
  if (stdin === undefined) throw new TaskFailed(`executor ${index} reads ${executor.stdin}, and no input and no earlier executor made it`)
  const state = folder.executor(index)
  const scratch = scratchOf(state)
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  const name = nameOf(record, index, context)
  const { command, warnings } = await named(`executor ${index} in ${executor.workdir || 'its working directory'}`, () =>
    runner.build({
      name,
      executor,
      root: folder.root.folder,
      scratch,
      mounts: planMounts(record.task),
      resources: record.task.resources ?? {},
      scripts: (record.task.inputs ?? []).flatMap(({ content }) => content ?? []),
      stdin,
    }),
  )
  for (const warning of warnings) if (!logOf(record).system_logs?.includes(warning)) note(record, warning)
  logOf(record).metadata = { ...logOf(record).metadata, runtime: runner.name }
  await context.save(record)
  await writeAtomically(join(state, 'runner'), runner.name)
  signal.throwIfAborted()
  await named(`executor ${index}`, () => startExecutor(state, { ...command, env: { ...command.env, [MARK_VARIABLE]: name } }))
}

/** Ends whatever runs of a task, also what a site before this one has started. True if nothing is left. */
export async function endExecutors(
  record: TaskRecord,
  folder: TaskFolder,
  context: ExecutorContext,
  signal: AbortSignal,
): Promise<boolean> {
  const index = logOf(record).logs.length
  if (index >= record.task.executors.length) return true
  const state = folder.executor(index)
  await forbidStart(state)
  const name = nameOf(record, index, context)
  const runner = await runnerOf(state, context)
  await runner?.end(name, signal)
  const isOver = await killProcesses(await readSupervisor(state), name, context.graceMs)
  // A client that was just starting its container may have made it in between.
  await runner?.end(name, signal)
  return isOver
}

async function runnerOf(state: string, context: ExecutorContext): Promise<Runner | undefined> {
  const name = await readFile(join(state, 'runner'), 'utf8').catch(() => undefined)
  return context.runners.find(runner => runner.name === name)
}

function scratchOf(state: string): string {
  return join(state, 'scratch')
}

function nameOf(record: TaskRecord, index: number, context: ExecutorContext): string {
  return `portolan-${context.siteId}-${record.task.id}-${index}`
}
