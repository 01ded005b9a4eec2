/**
 * How much structure a JSON document may have. The time and memory that parsing and judging it take go by its values and not by its bytes: sixteen million
 * brackets keep a process busy for seconds, sixteen million letters for some milliseconds. So they are counted before anything is parsed.
 */

export interface JsonBounds {
  /** Values in arrays and objects, the empty ones too. */
  readonly values: number
  /** Arrays and objects in one another. */
  readonly depth: number
}

/** More than a task with 20,000 inputs and as many outputs needs, each with all its fields. */
export const JSON_BOUNDS: JsonBounds = { values: 400_000, depth: 64 }

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** What a document in UTF-8 has too much of. Of bytes that are no JSON it answers anything: whoever parses them says that. */
export function findExcess(bytes: Uint8Array, bounds: JsonBounds = JSON_BOUNDS): keyof JsonBounds | undefined {
  let values = 0
  let depth = 0
  for (let at = 0; at < bytes.length; at += 1) {
    switch (bytes[at] ?? 0) {
      case QUOTE:
        at = endOfString(bytes, at)
        break
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1
        values += 1
        if (depth > bounds.depth) return 'depth'
        break
      case COMMA:
        values += 1
        break
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1
        break
    }
    if (values > bounds.values) return 'values'
  }
  return undefined
}

/** Where the string ends that begins at `start`. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    if (bytes[at] === QUOTE) return at
    if (bytes[at] === BACKSLASH) at += 1
  }
  return bytes.length
}
