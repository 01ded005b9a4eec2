/**
 * Follows what happens to tasks at a broker. A stream that breaks is taken up after its last id, so each event comes once; one that breaks three times
 * in a row is given up, and whoever follows looks for themselves.
 */
import { TaskEvent } from '@portolan/broker/portolan-schemas'
import { pathSegment, pause } from '@portolan/ga4gh'
import type { OpenStream } from './open-stream.ts'
import { parseStream } from './parse-stream.ts'

export interface FollowOptions {
  /** Of it alone. */
  readonly task?: string | undefined
  readonly signal: AbortSignal
  /** Hears of each break that is mended by coming back. */
  readonly onBreak?: ((says: string) => void) | undefined
  /** Before it comes back, ms; longer at each further break. Default 1,000. */
  readonly retryMs?: number | undefined
}

/** There is no stream to follow, or none any more. */
export class NoStream extends Error {
  override readonly name = 'NoStream'
}

const MOST_BREAKS = 3
const RETRY_MS = 1_000

/** Says `begun` once the server keeps note of what comes, so that what is looked at then misses nothing. Ends with the signal, and where the server says that nothing more will come. Throws `NoStream`. */
export async function* followEvents(
  open: OpenStream,
  { task, signal, onBreak, retryMs = RETRY_MS }: FollowOptions,
): AsyncGenerator<'begun' | TaskEvent, void, undefined> {
  const path = task === undefined ? 'events' : `tasks/${pathSegment(task)}/events`
  let lastId: string | undefined
  let begun = false
  for (let breaks = 0; !signal.aborted; ) {
    let says = 'the server has ended it'
    try {
      const response = await open({ path, lastId, signal })
      if (response.status === 204) return
      const body = await bodyOf(response)
      for await (const { id, event, data } of parseStream(body)) {
        breaks = 0
        if (id !== undefined) lastId = id
        if (!begun) yield 'begun'
        begun = true
        if (event === 'task' && data !== undefined) yield TaskEvent.parse(JSON.parse(data))
      }
    } catch (error) {
      if (error instanceof NoStream) throw error
      says = error instanceof Error ? error.message : String(error)
    }
    if (signal.aborted) return
    breaks += 1
    if (breaks >= MOST_BREAKS) throw new NoStream(says)
    onBreak?.(says)
    await pause(retryMs * breaks, signal).catch(() => undefined)
  }
}

/** A refusal that may pass is a break like another. */
async function bodyOf(response: Response): Promise<ReadableStream<Uint8Array>> {
  const { ok, status, headers, body } = response
  if (ok && body !== null && headers.get('content-type')?.startsWith('text/event-stream')) return body
  await body?.cancel()
  const says = `the server answers ${status}`
  throw status === 429 || status >= 500 ? new Error(says) : new NoStream(says)
}
