/**
 * Both ends of the talk between the bench and a server that it measures: the server is a process of its own, takes what it needs as one JSON
 * argument, says where it listens, and answers questions one at a time. It ends when the bench does.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

export interface Child<Answer> extends AsyncDisposable {
  readonly port: number
  ask(question: object | string): Promise<Answer>
}

/** Starts a program beside this file. Rejects if it ends before it listens. */
export async function startChild<Answer>(file: string, argument: object = {}): Promise<Child<Answer>> {
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(argument)], { execPath: process.execPath })
  const port = await nextMessage<number>(child)
  return {
    port,
    async ask(question) {
      child.send(question)
      return await nextMessage<Answer>(child)
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** What a program of ours says next; its form is known to whoever started it. */
async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController()
  const end = (code: number | null): void => ended.abort(new Error(`${child.spawnargs.slice(1).join(' ')} ended with ${code}`))
  child.once('exit', end)
  try {
    const [message] = await once(child, 'message', { signal: ended.signal })
    return message
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error
  } finally {
    child.off('exit', end)
  }
}

/** Inside a server: a folder that goes when the process ends, and the process ends with the bench. */
export function openBenchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.on('disconnect', () => process.exit())
  return folder
}

/** Inside a server: the argument that the bench gave. */
export function readArgument<Argument extends object>(): Partial<Argument> {
  return JSON.parse(process.argv[2] ?? '{}')
}

/** Inside a server: says where it listens. */
export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => sayListening(server))
}

function sayListening(server: Server): void {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.send?.(address.port)
}
