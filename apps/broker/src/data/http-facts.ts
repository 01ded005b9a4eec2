/**
 * What an HTTP server says of a file in the headers of its answer, as the port shows it. Pure.
 */
import type { ObjectFacts, OpenedObject } from './object-store.ts'

/** Undefined where the answer to a HEAD does not tell how large the file is. */
export function factsOfHead(url: string, headers: Headers): ObjectFacts | undefined {
  const bytes = headers.has('content-encoding') ? undefined : readLength(headers.get('content-length'))
  return bytes === undefined ? undefined : { url, bytes, ...versionOf(headers) }
}

/** The same by the answer to a GET of the first byte. */
export function factsOfRange(url: string, headers: Headers): ObjectFacts | undefined {
  const bytes = readLength(headers.get('content-range')?.split('/')[1])
  return bytes === undefined ? undefined : { url, bytes, ...versionOf(headers) }
}

/** Which bytes an answer holds; undefined where it does not say, or codes them. */
export function readSpan({ status, headers }: Response): Omit<OpenedObject, 'bytes'> | undefined {
  if (headers.has('content-encoding') && headers.get('content-encoding') !== 'identity') return undefined
  const etag = headers.get('etag')
  const version = etag !== null && { etag }
  if (status !== 206) {
    const length = readLength(headers.get('content-length'))
    return length === undefined ? undefined : { from: 0, length, total: length, ...version }
  }
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  if (first === undefined || last === undefined || total === undefined) return undefined
  return { from: Number(first), length: Number(last) - Number(first) + 1, total: Number(total), ...version }
}

/** A weak tag names no version of the bytes. */
function versionOf(headers: Headers): Pick<ObjectFacts, 'digests' | 'etag' | 'modifiedAt'> {
  const etag = headers.get('etag')
  const isStrong = etag?.startsWith('"') === true
  const modifiedAt = Date.parse(headers.get('last-modified') ?? '')
  return {
    digests: isStrong ? [{ type: 'etag', checksum: etag.replace(/^"|"$/g, '') }] : [],
    ...(isStrong && { etag }),
    ...(!Number.isNaN(modifiedAt) && { modifiedAt }),
  }
}

function readLength(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || !/^\d+$/.test(text)) return undefined
  const length = Number(text)
  return Number.isSafeInteger(length) ? length : undefined
}
