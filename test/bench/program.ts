/**
 * Programs of this repository that a bench runs as a person would, and times.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Ran {
  readonly seconds: number
  readonly output: string
}

const ENDS_WITHIN_MS = 10_000

/** Runs a program to its end. Rejects if its exit code is not 0. */
export async function runProgram(program: string, timeoutMs: number, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const begunAt = performance.now()
  const child = spawn(process.execPath, [pathOf(program)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: timeoutMs,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ended with ${code ?? signal}:\n${output.slice(-2_000)}`)
  return { seconds: (performance.now() - begunAt) / 1_000, output }
}

export interface Started {
  /** Until it said that it listens. */
  readonly seconds: number
  readonly url: string
  /** Memory that it holds, in 10^6 bytes. */
  readonly residentMb: () => number
  /** SIGTERM, and waits for the end. */
  readonly stop: () => Promise<void>
}

/** Starts a server program in a working folder of its own. */
export async function startProgram(program: string, flags: readonly string[], cwd: string): Promise<Started> {
  const begunAt = performance.now()
  const child = spawn(process.execPath, [pathOf(program), ...flags], { cwd, stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [line]: string[] = await Promise.race([
    once(lines, 'line'),
    ended.then(([code]) => Promise.reject(new Error(`${program} ended with ${code}`))),
  ])
  const seconds = (performance.now() - begunAt) / 1_000
  return {
    seconds,
    url: / listening on (\S+)/.exec(line ?? '')?.[1] ?? '',
    residentMb: () => (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1_024) / 1e6,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

function pathOf(program: string): string {
  return fileURLToPath(new URL(`../../${program}`, import.meta.url))
}
