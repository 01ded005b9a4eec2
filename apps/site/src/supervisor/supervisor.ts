/**
 * Starts executors under a supervisor that outlives the site, finds them again after a restart, and waits for their end.
 *
 * The folder of an executor is the truth: `supervisor` (who watches), `exit` (the code). An executor starts at most once for a folder.
 */
import { spawn } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isAlive, type ProcessMark } from './process-table.ts'

const SCRIPT = fileURLToPath(new URL('./supervise.sh', import.meta.url))
/** Read into a shell of another name, so that no message of the shell shows the executor a path of the site. */
const READ_SCRIPT = '_script=$1; shift; . "$_script"'
const LOOK_MS = 40
/** How long a supervisor may take from its start to its first line on disk. */
const APPEAR_MS = 10_000

/** One command with everything it needs, in paths of this machine. */
export interface Command {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly stdin: string
  /** The program that must be there and what the task calls it; default: the first word. */
  readonly program?: { readonly path: string; readonly name: string } | undefined
}

export type ExecutorEnd =
  | { readonly outcome: 'exited'; readonly exitCode: number; readonly endedAt: Date }
  /** The supervisor is gone and left no exit code. */
  | { readonly outcome: 'lost' }

export const stdoutOf = (folder: string) => join(folder, 'stdout')
export const stderrOf = (folder: string) => join(folder, 'stderr')

/** Starts the command once: where a supervisor has claimed the folder already, this changes nothing. */
export async function startExecutor(folder: string, command: Command): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { argv, stdin, program } = command
  const words = [folder, stdin, stdoutOf(folder), stderrOf(folder), program?.path ?? argv[0] ?? '', program?.name ?? argv[0] ?? '']
  const child = spawn('/bin/sh', ['-c', READ_SCRIPT, 'sh', SCRIPT, ...words, ...argv], {
    cwd: command.cwd,
    env: { ...command.env },
    detached: true,
    stdio: 'ignore',
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.unref()
}

/** Who watches over the executor; nobody before its start. */
export async function readSupervisor(folder: string): Promise<ProcessMark | undefined> {
  const text = await readFile(join(folder, 'supervisor'), 'utf8').catch(() => '')
  const [, pid, startTime] = /^([0-9]+) ([0-9]+)\n$/.exec(text) ?? []
  return pid && startTime ? { pid: Number(pid), startTime } : undefined
}

/** Takes a folder that nobody watches yet, so that a supervisor still on its way starts nothing. Does nothing where one is at work. */
export async function forbidStart(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'supervisor'), '', { flag: 'wx' }).catch(() => undefined)
}

/** The moment the supervisor took the folder; undefined where none did. */
export async function startOf(folder: string): Promise<Date | undefined> {
  return (await stat(join(folder, 'supervisor')).catch(() => undefined))?.mtime
}

async function readExit(folder: string): Promise<ExecutorEnd | undefined> {
  const path = join(folder, 'exit')
  const text = await readFile(path, 'utf8').catch(() => '')
  if (!text.endsWith('\n')) return undefined
  return { outcome: 'exited', exitCode: Number(text), endedAt: (await stat(path)).mtime }
}

/** Waits for the end of an executor that was started, by this process or by one before it. Rejects only when the signal is aborted. */
export async function waitForEnd(folder: string, signal: AbortSignal): Promise<ExecutorEnd> {
  const appearUntil = Date.now() + APPEAR_MS
  for (;;) {
    const supervisor = await readSupervisor(folder)
    const alive = supervisor !== undefined && isAlive(supervisor)
    // The code is read after the look at the supervisor: one that ended in between has written it.
    const end = await readExit(folder)
    if (end) return end
    if (!alive && (supervisor !== undefined || Date.now() > appearUntil)) return { outcome: 'lost' }
    await delay(LOOK_MS, undefined, { signal })
  }
}
