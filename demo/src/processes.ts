/**
 * The processes of the demo: started as a person would start them, watched for their first line, and ended when the demo ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const START_MS = 60_000
const END_MS = 12_000

export interface Running {
  readonly url: string
  readonly process: ChildProcess
}

/** Starts a program of this repository and waits until it says where it listens. What it says on standard error goes to a file. */
export async function startProgram(program: string, flags: readonly string[], env: NodeJS.ProcessEnv, logFile: string): Promise<Running> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../../${program}`, import.meta.url)), ...flags], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(logFile, { flags: 'a' }))
  const lines = createInterface({ input: child.stdout })
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} did not start within ${START_MS / 1000} s; see ${logFile}`)), START_MS)
    lines.on('line', line => {
      const [, address] = / listening on (\S+)/.exec(line) ?? []
      if (address) resolve(address)
    })
    child.once('exit', code => reject(new Error(`${program} ended with ${code} before it listened; see ${logFile}`)))
    child.once('error', reject)
    lines.once('line', () => clearTimeout(timer))
    child.once('exit', () => clearTimeout(timer))
  })
  return { url, process: child }
}

export async function endProgram({ process: child }: Running, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await ended
  clearTimeout(timer)
  return child.exitCode
}

/** Ports that were free a moment ago: each site must know the addresses of the others before it starts. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  return await Promise.all(
    servers.map(async server => {
      const address = server.address()
      server.close()
      await once(server, 'close')
      if (address === null || typeof address === 'string') throw new Error('no port')
      return address.port
    }),
  )
}
