/**
 * Fetches one file by HTTP. A transfer that breaks goes on from where it stopped, if the server still has the same file; it is over when the last
 * byte is there.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describeBreak, isOfDisk } from '../system-words.ts'
import { askForRest, type FilePart, type Progress, readPart } from './file-part.ts'
import { type ExchangeLimits, exchange } from './http-exchange.ts'
import { retry } from './retry.ts'
import type { Source } from './source.ts'
import { StagingFailed } from './staging-failed.ts'

export interface DownloadLimits extends ExchangeLimits {
  readonly maxFileBytes: number
}

/** Writes the bytes of the source to the path, which must not exist. Throws `StagingFailed`; then nothing is left at the path. */
export async function download(source: Source, path: string, limits: DownloadLimits, signal: AbortSignal): Promise<void> {
  const progress: Progress = { bytes: 0 }
  try {
    let isWhole = false
    // A part that came as announced is no failure, so it costs no try.
    while (!isWhole) isWhole = await retry(() => fetchPart(source, path, progress, limits, signal), signal)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/** Fetches the file or what is missing of it. True if it is whole then, false if the server has sent a part that ends before it does. */
async function fetchPart(source: Source, path: string, progress: Progress, limits: DownloadLimits, signal: AbortSignal): Promise<boolean> {
  const { name } = source
  const answer = await exchange({ method: 'GET', url: await source.address(), headers: askForRest(progress) }, limits, signal)
  const part = readPart(answer, progress)
  try {
    if (part === 'none') throw refusal(source, answer)
    refusePacked(name, answer)
    if (part === 'changed') {
      beginAnew(progress)
      throw new StagingFailed(`${name} changed while it was fetched: submit the task again when it stays as it is`, { passing: true })
    }
    if (part.total !== undefined && part.total > limits.maxFileBytes) throw tooLarge(name, limits)
  } catch (error) {
    answer.destroy()
    throw error
  }
  Object.assign(progress, { bytes: part.from, total: part.total, etag: part.etag })
  await writePart({ name, answer, part, path, progress }, limits, signal)
  if (part.total === undefined || progress.bytes === part.total) return true
  if (progress.bytes === part.until) return false
  throw new StagingFailed(
    `GET ${name} ended after ${progress.bytes} of ${part.total} bytes: submit the task again when the server is well`,
    { passing: true },
  )
}

interface Arrival {
  readonly name: string
  readonly answer: IncomingMessage
  readonly part: FilePart
  readonly path: string
  readonly progress: Progress
}

/** Writes what the answer brings behind what is there. Afterwards, and also when it throws, `progress` says what reached the disk. */
async function writePart({ name, answer, part, path, progress }: Arrival, limits: DownloadLimits, signal: AbortSignal): Promise<void> {
  const { from, until = Number.POSITIVE_INFINITY } = part
  let received = from
  let isTooLong = false
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length
      isTooLong = received > until
      const wrong = isTooLong
        ? new StagingFailed(`GET ${name} brought more bytes than it said: ask who runs that server`, { passing: true })
        : received > limits.maxFileBytes && tooLarge(name, limits)
      done(wrong || null, chunk)
    },
  })
  const file = createWriteStream(path, { flags: from > 0 ? 'r+' : 'w', start: from })
  try {
    await pipeline(answer, count, file, { signal })
  } catch (cause) {
    // A write under way must not land in the file of the next try.
    if (!file.closed) await once(file, 'close')
    // What the disk refuses no server can mend.
    if (cause instanceof StagingFailed || isOfDisk(cause) || signal.aborted) throw cause
    throw new StagingFailed(`GET ${name} broke after ${received} bytes: ${describeBreak(cause)}`, { cause, passing: true })
  } finally {
    // Only what reached the disk counts: what was still on its way there is asked for again.
    progress.bytes = from + file.bytesWritten
    if (isTooLong) beginAnew(progress)
  }
}

function beginAnew(progress: Progress): void {
  Object.assign(progress, { bytes: 0, total: undefined, etag: undefined })
}

function tooLarge(name: string, limits: DownloadLimits): StagingFailed {
  return new StagingFailed(`${name} is larger than this site takes (${limits.maxFileBytes} bytes): split it, or use another site`)
}

/** Throws if the bytes are not those of the file: they were asked for unpacked. */
export function refusePacked(name: string, answer: IncomingMessage): void {
  // Some S3 servers keep what was said of an upload in chunks: the bytes that they send have none.
  const encodings = (answer.headers['content-encoding'] ?? '').split(',').map(one => one.trim().toLowerCase())
  const encoding = encodings.filter(one => !['', 'identity', 'aws-chunked'].includes(one)).join(', ')
  if (encoding === '') return
  throw new StagingFailed(
    `${name} comes packed (Content-Encoding: ${encoding.slice(0, 40)}) although it was asked for as it is: let its server send it without Content-Encoding`,
  )
}

/** A refusal in words that say what to do. */
export function refusal({ name, fix, origin }: Source, answer: IncomingMessage): StagingFailed {
  const status = answer.statusCode ?? 0
  const passing = status >= 500 || status === 429 || status === 408
  const known = fix?.(status)
  if (known !== undefined) return new StagingFailed(`${name} answered ${status}: ${known}`)
  if (status >= 300 && status < 400) return new StagingFailed(`${name} redirects, which this site does not follow: name the final address`)
  if (status === 401 || status === 403) {
    return new StagingFailed(
      `${name} is refused to this site (${status}): it is not a declared reader there, or lacks --fetch ${origin}=env:NAME`,
    )
  }
  if (status === 404 || status === 410) return new StagingFailed(`${name} answered ${status}: nothing is there, so check the URL`)
  const advice = passing ? 'submit the task again when the server is well' : 'ask who runs that server, or use another URL'
  return new StagingFailed(`${name} answered ${status}: ${advice}`, { passing })
}
