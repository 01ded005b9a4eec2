/**
 * A real S3 server in a row's folder: what the rows of S3 have in common, whichever server they start.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { makeSecret } from '../leaks/secrets.ts'
import type { Need } from './needs.ts'
import type { Stage } from './row.ts'
import { until } from './runtime-site.ts'

const ASK_MS = 5_000
/** How much of its own words is shown when it fails. */
const LAST_WORDS = 3_000

export interface S3Server extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly origin: string
  /** The same, for buckets in the host name; absent: it has none. In no name service. */
  readonly virtualOrigin?: string | undefined
}

/** The one key of the server, which opens all buckets. */
export interface ServerKey {
  readonly accessKey: string
  readonly secretKey: string
}

export interface S3Part {
  readonly name: string
  readonly needs: readonly Need[]
  readonly limitSeconds: number
  /** Fetches or builds it in the row's folder, and starts it there. Rejects, with its last words, if it ends before it listens. */
  start(stage: Stage, key: ServerKey): Promise<S3Server>
}

export function makeKey(name: string): ServerKey {
  return { accessKey: makeSecret(`access-of-${name}`), secretKey: makeSecret(`secret-of-${name}`) }
}

export interface ServerProgram {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly port: number
  /** File for what it says. */
  readonly log: string
}

/** Starts the program and waits until it speaks HTTP. */
export async function startServer({ program, args, env, port, log }: ServerProgram, signal: AbortSignal): Promise<S3Server> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new AbortController()
  const exit = saysInto(child, log).finally(() => ended.abort(new Error(`${program} has ended`)))
  const origin = `http://127.0.0.1:${port}`
  try {
    await until(() => answers(origin), AbortSignal.any([signal, ended.signal]))
  } catch (cause) {
    child.kill('SIGKILL')
    await exit
    throw new Error(`${program} did not come up: ${(await readFile(log, 'utf8').catch(() => '')).slice(-LAST_WORDS)}`, { cause })
  }
  return {
    origin,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exit
    },
  }
}

async function saysInto(child: ChildProcess, log: string): Promise<void> {
  const words = createWriteStream(log)
  child.stdout?.pipe(words, { end: false })
  child.stderr?.pipe(words, { end: false })
  try {
    await once(child, 'exit')
  } finally {
    words.end()
  }
}

/** Whatever it says to somebody without a key. */
async function answers(origin: string): Promise<boolean> {
  const asked = fetch(origin, { signal: AbortSignal.timeout(ASK_MS) })
  return await asked.then(({ status }) => status < 500).catch(() => false)
}
