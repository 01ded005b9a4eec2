/**
 * What an answer brings of a file that is fetched in parts (RFC 9110, sections 13.1.5 and 14). Pure.
 *
 * Parts are put together only where the server says of each that it is of the same version and of the same length.
 */
import type { IncomingHttpHeaders } from 'node:http'

/** What is there of a file. */
export interface Progress {
  bytes: number
  /** Of the whole file, where the server said it. */
  total?: number | undefined
  /** A strong ETag of the file, by which its other bytes can be asked for. */
  etag?: string | undefined
}

export interface FilePart {
  /** Offset of its first byte. */
  readonly from: number
  /** Offset behind its last byte; undefined where only the end of the answer tells. */
  readonly until: number | undefined
  readonly total: number | undefined
  readonly etag: string | undefined
}

/** The headers that ask for what is missing; none to ask for the whole file. */
export function askForRest({ bytes, etag }: Progress): Record<string, string> {
  return bytes > 0 && etag !== undefined ? { Range: `bytes=${bytes}-`, 'If-Range': etag } : {}
}

/** `changed`: the answer does not go on with what is there, so the file must be begun anew. `none`: it brings nothing of the file. */
export function readPart(
  { statusCode, headers }: { readonly statusCode?: number | undefined; readonly headers: IncomingHttpHeaders },
  progress: Progress,
): FilePart | 'changed' | 'none' {
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  const etag = strongEtag(headers)
  if (statusCode === 200) return { from: 0, until: length, total: length, etag }
  const isRestAsked = 'Range' in askForRest(progress)
  if (!isRestAsked || (statusCode !== 206 && statusCode !== 416)) return 'none'
  const range = readContentRange(headers['content-range'])
  if (statusCode === 416 || !range || etag !== progress.etag) return 'changed'
  const { from, until } = range
  const total = range.total ?? progress.total
  const isSameFile = total !== undefined && total === (progress.total ?? total) && until <= total
  const isAsAsked = from === progress.bytes && until > from && (length === undefined || length === until - from)
  return isSameFile && isAsAsked ? { from, until, total, etag } : 'changed'
}

function strongEtag({ etag }: IncomingHttpHeaders): string | undefined {
  return etag === undefined || etag.startsWith('W/') ? undefined : etag
}

function readContentRange(header = ''): { from: number; until: number; total: number | undefined } | undefined {
  const [, first, last, total] = /^bytes ([0-9]+)-([0-9]+)\/([0-9]+|\*)$/.exec(header) ?? []
  if (first === undefined) return undefined
  return { from: Number(first), until: Number(last) + 1, total: total === '*' ? undefined : Number(total) }
}
