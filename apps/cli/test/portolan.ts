/**
 * The real command: as a child process, or in this one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { keep } from '../../../test/leaks/remains.ts'
import { run } from '../src/run.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string
}

export interface RunningCommand {
  readonly child: ChildProcess
  /** Standard output so far. */
  readonly read: () => string
  readonly ended: Promise<Ended>
}

/** Runs it to its end. Nothing of this process's own environment speaks to it but what it needs to run. */
export async function portolan(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return await startPortolan(args, options).ended
}

export function startPortolan(args: readonly string[], { env = {}, cwd, input = '' }: CommandOptions = {}): RunningCommand {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  const stderr = text(child.stderr)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => void stderr.then(said => resolve({ code, stdout, stderr: said }), reject))
  })
  return { child, read: () => stdout, ended }
}

/** The command in this process: all but signals and a closed pipe are the same, and many rows take less time. */
export async function runHere(args: readonly string[], { env = {}, cwd = process.cwd(), input = '' }: CommandOptions = {}): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const said = Promise.all([text(stdout), text(stderr)])
  const code = await run(args, { stdout, stderr, env, cwd, signal, openStdin: () => Readable.from([input]) })
  stdout.end()
  stderr.end()
  const [out, err] = await said
  keep('command output', `portolan ${args[0] ?? ''}`, `${out}\n${err}`)
  return { code, stdout: out, stderr: err }
}

/** The values of JSON lines. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line): Record<string, unknown> => JSON.parse(line))
}
