/**
 * The body of a part as a stream that is read only as fast as somebody takes it. A client who stands still is given up; one who is kept waiting, because
 * the store takes nothing, is not.
 */
import type { IncomingMessage } from 'node:http'

export interface PartBody {
  readonly bytes: ReadableStream<Uint8Array>
  /** How many have come so far. */
  readonly passed: () => number
  /** True once the client was given up. */
  readonly isLate: () => boolean
}

/** `stillMs`: how long nothing may come while it is waited for. */
export function readPartBody(request: IncomingMessage, stillMs: number): PartBody {
  // What is left unread must not cut the connection: the answer goes back by it.
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false })
  let passed = 0
  let late = false

  async function next(): Promise<IteratorResult<Buffer>> {
    const { promise: still, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late = true
      reject(new Error('Nothing more of the part has come for too long'))
    }, stillMs)
    try {
      return await Promise.race([chunks.next(), still])
    } finally {
      clearTimeout(timer)
    }
  }

  const bytes = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await next()
        if (done) return controller.close()
        passed += value.length
        controller.enqueue(value)
      },
      cancel() {
        request.resume()
      },
    },
    { highWaterMark: 0 },
  )
  return { bytes, passed: () => passed, isLate: () => late }
}
