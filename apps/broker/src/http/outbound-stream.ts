/**
 * The streaming half of the one way out: the body of an answer comes as it is read, and no further, so that no reader and no length costs memory.
 */
import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { ApiError } from '@portolan/ga4gh'
import type { PlainResponse, Request } from 'got'
import { isBodyless, toResponse } from './to-response.ts'
import { type WatchedRequest, watchRequest } from './watch-request.ts'

/** What is sent: bytes and text as they are, a stream as it comes. */
export function readableOf(body: RequestInit['body']): Readable | Uint8Array | string {
  if (body === undefined || body === null) return ''
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  if (body instanceof ReadableStream) return Readable.fromWeb(body as NodeReadableStream)
  throw new TypeError('Only text, bytes and streams can be sent')
}

/**
 * Answers as soon as the head of the answer is there. A body that is being sent is let go as soon as the answer is over, and its connection with it: what
 * came next there would pass for the rest of the body.
 */
export async function openBody(
  stream: Request,
  method: string,
  target: string,
  sent: Readable | Uint8Array | string | undefined,
): Promise<Response> {
  const watched = watchRequest(stream, target)
  // What breaks later is told to who reads on; nobody need do that.
  stream.on('error', () => undefined)
  const letGo = (): void => {
    if (!(sent instanceof Readable) || sent.readableEnded) return
    sent.destroy()
    stream.destroy()
  }
  stream.once('end', letGo).once('close', letGo)
  try {
    const answer = await headOf(stream, target)
    if (!isBodyless(answer, method)) return toResponse(answer, method, bodyOf(stream, watched))
    // At its end the connection is there for others.
    for await (const none of stream) void none
    return toResponse(answer, method, new Uint8Array())
  } catch (error) {
    stream.destroy()
    throw watched.tell(error)
  }
}

function headOf(stream: Request, target: string): Promise<PlainResponse> {
  return new Promise((resolve, reject) => {
    stream.once('response', resolve)
    stream.once('error', reject)
    stream.once('close', () => reject(new ApiError('connection_lost', `${target} ended without an answer`)))
  })
}

function bodyOf(stream: Request, watched: WatchedRequest): ReadableStream<Uint8Array> {
  const chunks = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stream.once('error', error => controller.error(watched.tell(error)))
      },
      async pull(controller) {
        try {
          const next = await chunks.next()
          if (next.done) controller.close()
          else controller.enqueue(next.value)
        } catch (error) {
          controller.error(watched.tell(error))
        }
      },
      cancel() {
        stream.destroy()
      },
    },
    { highWaterMark: 0 },
  )
}
