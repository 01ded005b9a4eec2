/**
 * Fetches one file by HTTP. A transfer that breaks goes on from where it stopped, if the server still has the same file.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describeBreak, isOfDisk } from '../system-words.ts'
import { type ExchangeLimits, exchange, shown } from './http-exchange.ts'
import { retry } from './retry.ts'
import { StagingFailed } from './staging-failed.ts'

export interface DownloadLimits extends ExchangeLimits {
  readonly maxFileBytes: number
}

/** Writes the bytes of the URL to the path, which must not exist. Throws `StagingFailed`; then nothing is left at the path. */
export async function download(url: URL, path: string, limits: DownloadLimits, signal: AbortSignal): Promise<void> {
  const progress: Progress = { bytes: 0 }
  try {
    await retry(() => continueDownload(url, path, progress, limits, signal), signal)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

interface Progress {
  bytes: number
  /** A strong ETag of the file, by which its other bytes can be asked for. */
  etag?: string | undefined
}

async function continueDownload(url: URL, path: string, progress: Progress, limits: DownloadLimits, signal: AbortSignal): Promise<void> {
  const { etag } = progress
  const isContinued = progress.bytes > 0 && etag !== undefined
  const headers: Record<string, string> = isContinued ? { Range: `bytes=${progress.bytes}-`, 'If-Range': etag } : {}
  const answer = await exchange({ method: 'GET', url, headers }, limits, signal)
  const from = startOf(answer, isContinued ? progress.bytes : 0)
  if (from === undefined) {
    answer.destroy()
    throw refusal(url, answer)
  }
  progress.bytes = from
  progress.etag = strongEtag(answer)
  const length = answer.headers['content-length']
  const expected = length === undefined ? undefined : from + Number(length)
  if (expected !== undefined && expected > limits.maxFileBytes) {
    answer.destroy()
    throw tooLarge(url, limits)
  }
  let received = from
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length
      done(received > limits.maxFileBytes ? tooLarge(url, limits) : null, chunk)
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
    throw new StagingFailed(`GET ${shown(url)} broke after ${received} bytes: ${describeBreak(cause)}`, { cause, passing: true })
  } finally {
    // Only what reached the disk counts: what was still on its way there is asked for again.
    progress.bytes = from + file.bytesWritten
  }
  if (expected !== undefined && progress.bytes !== expected) {
    throw new StagingFailed(
      `GET ${shown(url)} ended after ${progress.bytes} of ${expected} bytes: submit the task again when the server is well`,
      { passing: true },
    )
  }
}

/** The offset of the first byte of the answer: 0 for a whole file; undefined if the answer is none. */
function startOf(answer: IncomingMessage, asked: number): number | undefined {
  if (answer.statusCode === 200) return 0
  if (answer.statusCode !== 206 || asked === 0) return undefined
  const [, start] = /^bytes ([0-9]+)-/.exec(answer.headers['content-range'] ?? '') ?? []
  return Number(start) === asked ? asked : undefined
}

function strongEtag(answer: IncomingMessage): string | undefined {
  const { etag } = answer.headers
  return etag === undefined || etag.startsWith('W/') ? undefined : etag
}

function tooLarge(url: URL, limits: DownloadLimits): StagingFailed {
  return new StagingFailed(`${shown(url)} is larger than this site takes (${limits.maxFileBytes} bytes): split it, or use another site`)
}

/** A refusal in words that say what to do. */
export function refusal(url: URL, answer: IncomingMessage): StagingFailed {
  const status = answer.statusCode ?? 0
  const passing = status >= 500 || status === 429 || status === 408
  if (status >= 300 && status < 400)
    return new StagingFailed(`${shown(url)} redirects, which this site does not follow: name the final address`)
  if (status === 401 || status === 403) {
    return new StagingFailed(
      `${shown(url)} is refused to this site (${status}): it is not a declared reader there, or lacks --fetch ${url.origin}=env:NAME`,
    )
  }
  if (status === 404 || status === 410) return new StagingFailed(`${shown(url)} answered ${status}: nothing is there, so check the URL`)
  const fix = passing ? 'submit the task again when the server is well' : 'ask who runs that server, or use another URL'
  return new StagingFailed(`${shown(url)} answered ${status}: ${fix}`, { passing })
}
