/**
 * The caller's side of the writer thread: hands requests over, keeps who waits for what, and brings the thread back if it dies.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { StoreUnavailable } from '../store.ts'
import { KeysLacking } from './needed-keys.ts'
import type { FromWriter, Reply, Request, ToWriter, WriterStart } from './protocol.ts'
import { createWaitingLine } from './waiting-line.ts'

/** More than this waiting, and a new one is refused at once. */
const QUEUE_LIMIT = 20_000
const CHECK_EVERY_MS = 500
const RESTART_AFTER_MS = 100
const RESTART_AT_MOST_MS = 5_000

export interface WriterClient {
  /** Resolves with the result after the commit. Rejects with `StoreUnavailable`, or with another error for a command that no store could take. */
  send(command: Request['command']): Promise<unknown>
  /** Requests that wait for their answer. */
  queued(): number
  /** How long ago in ms the thread last refused a command as unavailable; infinite if it never did. Probes do not count. */
  sinceRefusal(): number
  /** Lets what is queued finish, then ends the thread. */
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  readonly deadline: number
  readonly isProbe: boolean
}

/** Starts the thread. Rejects if the store cannot be opened. */
export async function openWriter(start: WriterStart, writeTimeoutMs: number): Promise<WriterClient> {
  const waiting = createWaitingLine<Waiting>()
  const closing = new AbortController()
  let unsent: Request[] = []
  let refusedAt = Number.NEGATIVE_INFINITY
  let worker: Worker | undefined = await startWorker(start)
  attend(worker)
  const checker = setInterval(rejectOverdue, CHECK_EVERY_MS)
  checker.unref()

  function attend(started: Worker): void {
    started.on('message', (message: FromWriter) => {
      if (message.kind === 'replies') for (const reply of message.replies) settle(reply)
    })
    started.once('error', error => lose(started, error))
    started.once('exit', () => lose(started, new Error('the writer thread has ended')))
  }

  function settle(reply: Reply): void {
    const caller = waiting.take(reply.id)
    if (reply.outcome === 'unavailable' && caller && !caller.isProbe) refusedAt = performance.now()
    if (reply.outcome === 'done') caller?.resolve(reply.result)
    else caller?.reject(reply.outcome === 'unavailable' ? new StoreUnavailable(reply.detail) : new Error(reply.detail))
  }

  function lose(lost: Worker, cause: unknown): void {
    if (worker !== lost) return
    worker = undefined
    unsent = []
    for (let caller = waiting.takeFirst(); caller; caller = waiting.takeFirst()) {
      caller.reject(new StoreUnavailable('the writer of the store has ended', { cause }))
    }
    if (!closing.signal.aborted) void restart()
  }

  async function restart(): Promise<void> {
    for (let pause = RESTART_AFTER_MS; !closing.signal.aborted; pause = Math.min(pause * 2, RESTART_AT_MOST_MS)) {
      const started = await delay(pause, undefined, { signal: closing.signal, ref: false })
        .then(() => startWorker(start))
        .catch(() => undefined)
      if (!started) continue
      if (closing.signal.aborted) await started.terminate()
      else {
        worker = started
        attend(started)
      }
      return
    }
  }

  function rejectOverdue(): void {
    const now = Date.now()
    while ((waiting.first()?.deadline ?? Number.POSITIVE_INFINITY) <= now) {
      waiting.takeFirst()?.reject(new StoreUnavailable(`the store did not answer within ${writeTimeoutMs} ms`))
    }
  }

  function flush(): void {
    const requests = unsent
    unsent = []
    if (requests.length > 0) say({ kind: 'requests', requests })
  }

  function say(message: ToWriter): void {
    worker?.postMessage(message)
  }

  return {
    send(command) {
      if (!worker || closing.signal.aborted) return Promise.reject(new StoreUnavailable('the writer of the store is not running'))
      if (waiting.size >= QUEUE_LIMIT) return Promise.reject(new StoreUnavailable('too many writes are waiting'))
      const deadline = Date.now() + writeTimeoutMs
      return new Promise((resolve, reject) => {
        const id = waiting.add({ resolve, reject, deadline, isProbe: command.kind === 'probe' })
        // What one turn of the event loop asks for goes over in one message.
        if (unsent.push({ id, command, deadline }) === 1) queueMicrotask(flush)
      })
    },
    queued: () => waiting.size,
    sinceRefusal: () => performance.now() - refusedAt,
    async close() {
      closing.abort()
      clearInterval(checker)
      const last = worker
      if (!last) return
      const ended = new Promise(resolve => last.once('exit', resolve))
      flush()
      say({ kind: 'close' })
      await ended
    },
  }
}

async function startWorker(workerData: WriterStart): Promise<Worker> {
  const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData, name: 'store-writer' })
  return await new Promise((resolve, reject) => {
    const end = () => reject(new Error('the writer thread has ended'))
    worker.once('error', reject)
    worker.once('exit', end)
    worker.once('message', (message: FromWriter) => {
      worker.off('error', reject)
      worker.off('exit', end)
      if (message.kind === 'ready') resolve(worker)
      else if (message.kind === 'lacksKeys') reject(new KeysLacking(message.keys))
      else reject(new Error(message.kind === 'refusesToStart' ? message.detail : 'the writer thread answers before it is asked'))
    })
  })
}
