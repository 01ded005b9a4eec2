/**
 * Reads the rows of one page of an SQLite b-tree that do not fit into it. Pure.
 */
export interface Page {
  readonly number: number
  readonly bytes: Buffer
}

export interface Overflow {
  /** The part of the row that stands in this page. */
  readonly head: Buffer
  /** Bytes that stand elsewhere. */
  readonly missing: number
  /** The number of the page where it goes on. */
  readonly next: number
}

/** The first byte of a page that holds rows. */
const INDEX_INTERIOR = 0x02
const INDEX_LEAF = 0x0a
const TABLE_LEAF = 0x0d
/** The first page begins with the header of the file. */
const FILE_HEADER_BYTES = 100
const MOST_ROW_BYTES = 64 * 1024 * 1024

/** None for a page of another kind. */
export function readOverflows({ number, bytes }: Page): readonly Overflow[] {
  const start = number === 1 ? FILE_HEADER_BYTES : 0
  const kind = bytes[start]
  if (kind !== INDEX_INTERIOR && kind !== INDEX_LEAF && kind !== TABLE_LEAF) return []
  const pointers = start + (kind === INDEX_INTERIOR ? 12 : 8)
  const count = Math.min(bytes.readUInt16BE(start + 3), Math.floor((bytes.length - pointers) / 2))
  return Array.from({ length: count }, (_, at) => bytes.readUInt16BE(pointers + 2 * at)).flatMap(cell => readCell(bytes, kind, cell))
}

function readCell(bytes: Buffer, kind: number, cell: number): readonly Overflow[] {
  const size = readVarint(bytes, kind === INDEX_INTERIOR ? cell + 4 : cell)
  const start = kind === TABLE_LEAF ? readVarint(bytes, size.end).end : size.end
  const held = heldBytes(size.value, bytes.length, kind)
  const end = start + held
  if (held === size.value || size.value > MOST_ROW_BYTES || end + 4 > bytes.length) return []
  return [{ head: bytes.subarray(start, end), missing: size.value - held, next: bytes.readUInt32BE(end) }]
}

/** How many bytes of a row stay in its page. */
function heldBytes(row: number, usable: number, kind: number): number {
  const most = kind === TABLE_LEAF ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23
  if (row <= most) return row
  const least = Math.floor(((usable - 12) * 32) / 255) - 23
  const held = least + ((row - least) % (usable - 4))
  return held <= most ? held : least
}

/** A number of one to nine bytes, the high ones first; only the last has no flag. */
function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let end = at; end < at + 8; end += 1) {
    const byte = bytes[end] ?? 0
    value = value * 128 + (byte & 127)
    if (byte < 128) return { value, end: end + 1 }
  }
  return { value: value * 256 + (bytes[at + 8] ?? 0), end: at + 9 }
}
