/**
 * Reads answers that hold what a task has written: some sites show all of it, of any length. Long strings are cut while the answer comes, so that the
 * memory it takes is bounded and both ends of each are there; what remains is the answer. One that is too long all the same is `unreadable`.
 */
import { type Duplex, pipeline, Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { ApiError, type Fetch } from '@portolan/ga4gh'
import { refuseWithoutCertificate } from '../http/refuse-certificate.ts'
import { createStringCutter } from './cut-strings.ts'
import { type GapMark, READ_HEAD, READ_TAIL } from './gap-mark.ts'

export interface AnswerBounds {
  /** Of what comes, decoded. */
  readonly readBytes: number
  /** Of what remains of it. */
  readonly keptBytes: number
}

const BOUNDS: AnswerBounds = { readBytes: 2 * 1024 ** 3, keptBytes: 64 * 1024 ** 2 }

const DECODERS: ReadonlyMap<string, () => Duplex> = new Map([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/** `stream`: as `Ways` has it. The time of an answer is left to the signal of the request. */
export function cutLongTexts(stream: Fetch, gaps: Pick<GapMark, 'write'>, bounds: AnswerBounds = BOUNDS): Fetch {
  return async (url, init) => {
    const { origin, pathname } = new URL(url)
    const target = `${init.method ?? 'GET'} ${origin}${pathname}`
    const headers = new Headers(init.headers)
    headers.set('accept-encoding', 'gzip, deflate, br')
    const answer = await stream(url, { ...init, headers })
    if (answer.body === null) return answer
    const { status } = answer
    const refuse = (words: string, cause?: unknown): ApiError =>
      new ApiError('unreadable', `${target} answered ${words}`, { status, ...(cause !== undefined && { cause }) })
    const plain = decode(answer.body, answer.headers.get('content-encoding') ?? '')
    if (plain === undefined) {
      await answer.body.cancel()
      throw refuse('in a content coding that was not asked for')
    }
    const body = await collect(plain, gaps, bounds, refuse).catch((error: unknown) => {
      throw error instanceof ApiError ? error : refuse('what cannot be decoded', error)
    })
    refuseWithoutCertificate(status, body, target)
    return new Response(body, { status, headers: answer.headers })
  }
}

/** Undefined: nobody knows how. Who ends what it gives before its end lets go of the answer too. */
function decode(body: ReadableStream<Uint8Array>, coding: string): AsyncIterable<Uint8Array> | undefined {
  const name = coding.trim().toLowerCase()
  if (name === '' || name === 'identity') return body
  const createDecoder = DECODERS.get(name)
  // What breaks is told to who reads.
  return createDecoder && pipeline(Readable.fromWeb(body as NodeReadableStream), createDecoder(), () => undefined)
}

async function collect(
  plain: AsyncIterable<Uint8Array>,
  { write }: Pick<GapMark, 'write'>,
  { readBytes, keptBytes }: AnswerBounds,
  refuse: (words: string) => ApiError,
): Promise<Buffer<ArrayBuffer>> {
  const cutter = createStringCutter({ head: READ_HEAD, tail: READ_TAIL, mark: write })
  const kept: Uint8Array[] = []
  let read = 0
  let length = 0
  const keep = (pieces: readonly Uint8Array[]): void => {
    for (const piece of pieces) {
      length += piece.byteLength
      if (length > keptBytes) throw refuse(`more than ${keptBytes} bytes, long texts left out`)
      // A copy: a small piece would hold all the memory of what it came in.
      kept.push(new Uint8Array(piece))
    }
  }
  for await (const chunk of plain) {
    read += chunk.byteLength
    if (read > readBytes) throw refuse(`more than ${readBytes} bytes`)
    keep(cutter.push(chunk))
  }
  keep(cutter.end())
  return Buffer.concat(kept)
}
