/**
 * How much structure a JSON document may have. The time and memory that parsing and judging it take go by its values and not by its bytes: sixteen million
 * brackets keep a process busy for seconds, sixteen million letters for some milliseconds. Objects whose members have new names, or known ones in a new
 * order or with values of another kind, take ten times as long and much memory, since the engine keeps each way in which an object can begin. So all
 * these are counted before anything is parsed.
 */

export interface JsonBounds {
  /** Values in arrays and objects, the empty ones too. */
  readonly values: number
  /** Arrays and objects in one another. */
  readonly depth: number
  /** Different beginnings of objects: names of members as they are written, with the kinds of their values, in their order. `{"a":1,"b":1}` has two. */
  readonly beginnings: number
}

/** More than a task with 20,000 inputs and as many outputs needs, each with all its fields, and as many different tags and variables as no task has. */
export const JSON_BOUNDS: JsonBounds = { values: 400_000, depth: 64, beginnings: 10_000 }

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const MINUS = 0x2d
/** `.`, `e` and `E`: the number is no whole one, or may be none. */
const CONTINUING: ReadonlySet<number> = new Set([0x2e, 0x65, 0x45])
/** No string has come that could be a name. */
const NONE = -1
/** A member takes more: two quotes, a colon, a value and a comma. */
const LEAST_MEMBER_BYTES = 5

/** What a document in UTF-8 has too much of. Of bytes that are no JSON it answers anything: whoever parses them says that. */
export function findExcess(bytes: Buffer, bounds: JsonBounds = JSON_BOUNDS): keyof JsonBounds | undefined {
  const objects = bytes.length > bounds.beginnings * LEAST_MEMBER_BYTES ? countBeginnings(bytes, bounds.beginnings) : undefined
  let values = 0
  let members = 0
  let beginnings = 0
  let depth = 0
  let start = 0
  let end = NONE
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
        if (end !== NONE) beginnings = objects?.add(depth, start, end, kindAt(bytes, at + 1)) ?? 0
        end = NONE
        if (members > bounds.values) return 'values'
        if (beginnings > bounds.beginnings) return 'beginnings'
        break
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1
        values += 1
        if (depth > bounds.depth) return 'depth'
        objects?.open(depth)
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

interface Beginnings {
  /** An object begins at this depth. */
  open(depth: number): void
  /** The next name of the object at this depth stands in these bytes. Answers how many beginnings there are by now. */
  add(depth: number, start: number, end: number, kind: Kind): number
}

/** A tree as the engine keeps one: each node is a beginning, with the names that can follow it. */
function countBeginnings(bytes: Buffer, most: number): Beginnings {
  const names = new Map<string, number>()
  const nodes = new Map<number, number>()
  /** By depth. */
  const current: number[] = []
  /** Of each node the name that followed it last, by where it stands, and what it led to: most objects begin as the one before. */
  const lastStart: number[] = [0]
  const lastEnd: number[] = [NONE]
  const lastKind: Kind[] = [0]
  const lastNode: number[] = [0]

  function find(node: number, start: number, end: number, kind: Kind): number {
    const name = bytes.toString('latin1', start, end)
    const numbered = names.get(name) ?? names.size
    if (numbered === names.size) names.set(name, numbered)
    // There are no more names than beginnings, so no two steps have the same key.
    const step = (node * (most + 2) + numbered) * KINDS + kind
    const next = nodes.get(step) ?? nodes.size + 1
    if (next > nodes.size) {
      nodes.set(step, next)
      lastStart[next] = lastNode[next] = 0
      lastEnd[next] = NONE
    }
    lastStart[node] = start
    lastEnd[node] = end
    lastKind[node] = kind
    lastNode[node] = next
    return next
  }

  return {
    open(depth) {
      current[depth] = 0
    },
    add(depth, start, end, kind) {
      const node = current[depth] ?? 0
      const isAsBefore = lastKind[node] === kind && isSame(bytes, lastStart[node] ?? 0, lastEnd[node] ?? NONE, start, end)
      current[depth] = isAsBefore ? (lastNode[node] ?? 0) : find(node, start, end, kind)
      return nodes.size
    },
  }
}

function isSame(bytes: Buffer, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false
  for (let at = start, other = otherStart; at < end; at += 1, other += 1) if (bytes[at] !== bytes[other]) return false
  return true
}

/** What the engine keeps in different ways: small whole numbers, other numbers, and all else. */
type Kind = 0 | 1 | 2
const KINDS = 3
/** Of so many digits each number is small. */
const SMALL_DIGITS = 9

function kindAt(bytes: Buffer, from: number): Kind {
  let at = from
  while (isBlank(bytes[at])) at += 1
  const first = at
  while (isDigit(bytes[at])) at += 1
  if (at > first) return at - first > SMALL_DIGITS || CONTINUING.has(bytes[at] ?? 0) ? 1 : 0
  return bytes[at] === MINUS ? 1 : 2
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

/** Where the string ends that begins at `start`. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    if (bytes[at] === QUOTE) return at
    if (bytes[at] === BACKSLASH) at += 1
  }
  return bytes.length
}
