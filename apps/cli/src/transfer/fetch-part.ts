/**
 * One part of a file, from the server to the disk. What breaks in the middle goes on where it broke; what has another length or version than it
 * should have never counts.
 */
import { ApiError, parseRetryAfter, pause } from '@portolan/ga4gh'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { OutputBytes } from './output-bytes.ts'
import type { Part } from './plan-parts.ts'

export interface PartTarget {
  /** Of the whole file. */
  readonly bytes: number
  readonly etag: string | undefined
  write(chunk: Uint8Array, at: number): Promise<void>
  /** So many bytes have come. */
  progress(bytes: number): void
}

/** In a row and without a byte. */
const MOST_TRIES = 5
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000

/** Throws a `Failure` or an `ApiError`. */
export async function fetchPart(source: OutputBytes, part: Part, target: PartTarget, signal: AbortSignal): Promise<void> {
  const end = part.from + part.bytes
  let at = part.from
  for (let tries = 1; at < end; tries++) {
    const before = at
    const broken = await readOn()
    if (at > before) tries = 0
    if (broken === undefined) continue
    if (tries >= MOST_TRIES) throw broken.error
    await pause(Math.min(broken.afterMs ?? FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS), signal)
  }

  /** Undefined: go on at once. */
  async function readOn(): Promise<{ readonly error: unknown; readonly afterMs?: number | undefined } | undefined> {
    try {
      const response = await source.open({ from: at, last: end - 1 }, signal)
      const refusal = judge(response, at, end, target)
      if (refusal) {
        await response.body?.cancel()
        if (refusal.again === 'no') throw refusal.failure
        if (refusal.again === 'with a new link') source.renew()
        return { error: refusal.failure, afterMs: parseRetryAfter(response.headers.get('retry-after'), Date.now()) }
      }
      for await (const chunk of response.body ?? []) {
        if (at + chunk.length > end) throw fail('Its server sends more than was asked for')
        await target.write(chunk, at)
        at += chunk.length
        target.progress(chunk.length)
      }
      return at < end ? { error: fail('Its server ends answers too early') } : undefined
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error
      return { error }
    }
  }
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof ApiError && ['unreachable', 'timeout', 'connection_lost', 'server_error', 'too_many_requests'].includes(error.code)
  )
}

interface Refusal {
  readonly again: 'no' | 'later' | 'with a new link'
  readonly failure: Failure
}

/** Undefined: these are the bytes. */
function judge({ status, headers }: Response, from: number, end: number, { bytes, etag }: PartTarget): Refusal | undefined {
  const tag = headers.get('etag')
  const isOther = tag !== null && etag !== undefined && tag !== etag
  if (status === 412 || status === 416 || ((status === 200 || status === 206) && isOther)) {
    return { again: 'no', failure: fail('It has changed since the task ended') }
  }
  if (status === 206 && headers.get('content-range') === `bytes ${from}-${end - 1}/${bytes}`) return undefined
  if (status === 200 && from === 0 && end === bytes) return undefined
  if (status === 200 || status === 206) return { again: 'no', failure: fail('Its server gives other bytes than it was asked for') }
  if (status === 404 || status === 410) return { again: 'no', failure: fail('It is not there any more', EXIT.notFound) }
  const said = fail(`Its server answers with ${status}`, status === 401 || status === 403 ? EXIT.denied : EXIT.failed)
  if (status === 401 || status === 403) return { again: 'with a new link', failure: said }
  return { again: status === 429 || status >= 500 ? 'later' : 'no', failure: said }
}

function fail(message: string, exitCode: Failure['exitCode'] = EXIT.failed): Failure {
  return new Failure(message, { exitCode, fix: 'Try again; what has come is kept.' })
}
