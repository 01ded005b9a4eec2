/**
 * How much structure a JSON document may have. The time and memory that parsing and judging it take go by its values and not by its bytes: sixteen million
 * brackets keep a process busy for seconds, sixteen million letters for some milliseconds. Names that are not yet known to the engine take ten times as
 * long as others. So all these are counted before anything is parsed.
 */

export interface JsonBounds {
  /** Values in arrays and objects, the empty ones too. */
  readonly values: number
  /** Arrays and objects in one another. */
  readonly depth: number
  /** Different names of members, as they are written. */
  readonly names: number
}

/** More than a task with 20,000 inputs and as many outputs needs, each with all its fields, and as many different tags and variables as no task has. */
export const JSON_BOUNDS: JsonBounds = { values: 400_000, depth: 64, names: 10_000 }

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** A member takes more: two quotes, a colon, a value and a comma. */
const LEAST_MEMBER_BYTES = 5

/** What a document in UTF-8 has too much of. Of bytes that are no JSON it answers anything: whoever parses them says that. */
export function findExcess(bytes: Buffer, bounds: JsonBounds = JSON_BOUNDS): keyof JsonBounds | undefined {
  const names = bytes.length > bounds.names * LEAST_MEMBER_BYTES ? new Set<string>() : undefined
  let values = 0
  let members = 0
  let depth = 0
  let start = 0
  let end = 0
  for (let at = 0; at < bytes.length; at += 1) {
    switch (bytes[at] ?? 0) {
      case QUOTE:
        start = at + 1
        end = endOfString(bytes, at)
        at = end
        break
      case COLON:
        // Of what is no JSON, many colons after one string would be as many readings of it, and there may be more members than values.
        members += 1
        if (end > start) names?.add(bytes.toString('latin1', start, end))
        end = start
        if (members > bounds.values) return 'values'
        if (names && names.size > bounds.names) return 'names'
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
