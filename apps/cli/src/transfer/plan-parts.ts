/**
 * The parts in which a file travels. Pure.
 */

const MIB = 1024 * 1024
const USUAL_PART_BYTES = 16 * MIB
/** However large somebody says that the file is. */
const MOST_PARTS = 10_000

export interface Part {
  /** From 1 on. */
  readonly number: number
  /** Offset of its first byte. */
  readonly from: number
  readonly bytes: number
}

/** 16 MiB, or as much more as it takes to stay within 10,000 parts. */
export function sizeParts(bytes: number): number {
  return Math.max(USUAL_PART_BYTES, Math.ceil(bytes / MOST_PARTS / MIB) * MIB)
}

/** In order, the last one shorter; none for a file without bytes. */
export function planParts(bytes: number, partBytes: number): readonly Part[] {
  const count = Math.ceil(bytes / partBytes)
  return Array.from({ length: count }, (_, at) => {
    const from = at * partBytes
    return { number: at + 1, from, bytes: Math.min(partBytes, bytes - from) }
  })
}
