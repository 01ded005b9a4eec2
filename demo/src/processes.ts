/**
 * The processes of the demo: started as a person would start them, watched for their first line and for an end that nobody asked for, and ended
 * when the demo ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const START_MS = 60_000
const END_MS = 12_000
/** How much of a program's own words is shown when it has failed. */
const LAST_LINES = 8

export interface Running {
  readonly url: string
  readonly process: ChildProcess
  /** Set before it is told to end. */
  wanted: boolean
}

/**
 * Starts a program of this repository and waits until it says where it listens. What it says on standard error goes to a file, whose name is
 * what people call the program. `onLost` hears if it ends later without being told to.
 */
export async function startProgram(
  file: string,
  flags: readonly string[],
  env: NodeJS.ProcessEnv,
  logFile: string,
  onLost: (error: Error) => void = () => undefined,
): Promise<Running> {
  const name = basename(logFile, '.log')
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../../${file}`, import.meta.url)), ...flags], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(logFile, { flags: 'a' }))
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    reject(new Error(`${name} did not start within ${START_MS / 1000} s.${lastWords(logFile)}`))
  }, START_MS)
  child.once('error', reject)
  child.once('close', (code, signal) => {
    reject(new Error(`${name} could not start (${sayEnd(code, signal)}).${lastWords(logFile)}`))
    if (!running.wanted) onLost(new Error(`${name} ended by itself (${sayEnd(code, signal)}).${lastWords(logFile)}`))
  })
  createInterface({ input: child.stdout }).on('line', line => {
    const [, address] = / listening on (\S+)/.exec(line) ?? []
    if (address) resolve(address)
  })
  const running = { url: '', process: child, wanted: false }
  try {
    running.url = await promise
    return running
  } catch (error) {
    running.wanted = true
    throw error
  } finally {
    clearTimeout(timer)
  }
}

export async function endProgram(running: Running, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  const { process: child } = running
  running.wanted = true
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await ended
  clearTimeout(timer)
  return child.exitCode
}

function sayEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code}` : `${signal}`
}

function lastWords(logFile: string): string {
  if (!existsSync(logFile)) return ''
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LAST_LINES)
  return lines.join('') === '' ? '' : ` Its last words:\n${lines.map(line => `    ${line.slice(0, 300)}`).join('\n')}`
}
