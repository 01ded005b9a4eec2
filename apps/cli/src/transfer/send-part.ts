/**
 * One part of a file, from the disk to the server. A part counts when it has come whole, so what breaks in the middle is sent again from its beginning.
 */
import type { FileHandle } from 'node:fs/promises'
import { ApiError, pause } from '@portolan/ga4gh'
import type { Part } from './plan-parts.ts'

/** What is sent, and how long it is. */
export interface PartBody {
  readonly bytes: number
  readonly stream: ReadableStream<Uint8Array>
}

/** Both throw an `ApiError` for what is not taken. */
export interface PartWays {
  /** To the broker, by a path below `/portolan/v1`, with the credential. */
  readonly putOwn: (path: string, body: PartBody, signal: AbortSignal) => Promise<void>
  /** To any address, as nobody in particular. */
  readonly putForeign: (href: string, body: PartBody, signal: AbortSignal) => Promise<void>
}

export interface PartPlace {
  put(part: Part, body: PartBody, signal: AbortSignal): Promise<void>
  /** Before another try: by another link, or as somebody who is known again. Throws for what cannot get better. */
  renew(part: Part): Promise<void>
}

export interface SendOptions {
  readonly file: FileHandle
  /** So many bytes more are on their way; fewer, where they have to be sent again. */
  readonly progress: (bytes: number) => void
  readonly signal: AbortSignal
}

const MOST_TRIES = 5
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000
const BLOCK_BYTES = 256 * 1024

/** Throws an `ApiError`, or what `renew` throws. */
export async function sendPart(place: PartPlace, part: Part, { file, progress, signal }: SendOptions): Promise<void> {
  for (let tries = 1; ; tries++) {
    let sent = 0
    const told = (bytes: number): void => {
      sent += bytes
      progress(bytes)
    }
    try {
      return await place.put(part, { bytes: part.bytes, stream: readPart(file, part, told) }, signal)
    } catch (error) {
      progress(-sent)
      if (signal.aborted || !isPassing(error) || tries >= MOST_TRIES) throw error
      await pause(Math.min(error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS), signal)
      await place.renew(part)
    }
  }
}

/** A place that knows nobody may know one again with another link. */
const PASSING: ReadonlySet<string> = new Set([
  ...['unreachable', 'timeout', 'connection_lost', 'server_error', 'too_many_requests'],
  ...['unauthorized', 'forbidden'],
])

function isPassing(error: unknown): error is ApiError {
  return error instanceof ApiError && (PASSING.has(error.code) || error.status === 408)
}

/** Read as it is sent, a block at a time. */
function readPart(file: FileHandle, { from, bytes }: Part, told: (bytes: number) => void): ReadableStream<Uint8Array> {
  let at = from
  const end = from + bytes
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (at >= end) return controller.close()
        const block = new Uint8Array(Math.min(BLOCK_BYTES, end - at))
        const { bytesRead } = await file.read(block, 0, block.length, at)
        if (bytesRead === 0) throw new Error('The file is shorter than it was')
        at += bytesRead
        told(bytesRead)
        controller.enqueue(block.subarray(0, bytesRead))
      },
    },
    { highWaterMark: 0 },
  )
}
