/**
 * The parts in which a file travels. Pure.
 */

export const PART_BYTES = 16 * 1024 * 1024

export interface Part {
  /** From 1 on. */
  readonly number: number
  /** Offset of its first byte. */
  readonly from: number
  readonly bytes: number
}

/** In order, the last one shorter; none for a file without bytes. */
export function planParts(bytes: number, partBytes: number): readonly Part[] {
  const count = Math.ceil(bytes / partBytes)
  return Array.from({ length: count }, (_, at) => {
    const from = at * partBytes
    return { number: at + 1, from, bytes: Math.min(partBytes, bytes - from) }
  })
}
