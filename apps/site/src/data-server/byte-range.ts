/**
 * The `Range` header (RFC 9110, section 14) for one range of bytes. Pure.
 */
export interface ByteRange {
  readonly first: number
  /** Inclusive. */
  readonly last: number
}

/** The range asked for; `none` to answer with the whole file (no header, several ranges, another unit), `unsatisfiable` for 416. */
export function parseRange(header: string | undefined, size: number): ByteRange | 'none' | 'unsatisfiable' {
  const [, from, to] = /^bytes=([0-9]*)-([0-9]*)$/.exec(header?.trim() ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return 'none'
  if (from === '') {
    const length = Number(to)
    return length === 0 || size === 0 ? 'unsatisfiable' : { first: Math.max(size - length, 0), last: size - 1 }
  }
  const first = Number(from)
  if (to !== '' && Number(to) < first) return 'none'
  if (first >= size) return 'unsatisfiable'
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}
