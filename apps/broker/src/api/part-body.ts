/**
 * The body of a part as a stream that is read only as fast as somebody takes it. A client who stands still, or sends less than slow lines carry, is given
 * up; one who is kept waiting, because the store takes nothing, is not.
 */
import type { IncomingMessage } from 'node:http'
import type { NotePassing } from './free-buffers.ts'
import { createPace } from './pace.ts'

export interface PartBody {
  readonly bytes: ReadableStream<Uint8Array>
  /** How many have come so far. */
  readonly passed: () => number
  /** True once the client was given up. */
  readonly isLate: () => boolean
}

/** `stillMs`: so long they are waited for, and as long again each time that enough has come. */
export function readPartBody(request: IncomingMessage, stillMs: number, notePassing: NotePassing): PartBody {
  // What is left unread must not cut the connection: the answer goes back by it.
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false })
  let passed = 0
  let late = false
  let breakOff: (error: Error) => void = () => undefined
  const pace = createPace(stillMs, () => {
    late = true
    breakOff(new Error('Too little of the part has come for too long'))
  })

  async function next(): Promise<IteratorResult<Buffer>> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>()
    breakOff = reject
    let come = 0
    pace.begin()
    try {
      const chunk = await Promise.race([chunks.next(), tooLate])
      come = chunk.done ? 0 : chunk.value.length
      return chunk
    } finally {
      pace.end(come)
    }
  }

  const bytes = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await next()
        if (done) return controller.close()
        passed += value.length
        notePassing(value.length)
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
