/**
 * Cuts the long strings of a JSON document while it passes, in whatever pieces it comes, so that it needs little memory however long they are. The
 * document is not read: what is no JSON stays none, but for the middle of a long string. Pure.
 */

export interface StringCaps {
  /** Characters (UTF-16) kept of the begin of a string, and of its end; one more where a sign takes two. */
  readonly head: number
  readonly tail: number
  /** Stands in the place of so many characters. */
  readonly mark: (characters: number) => string
}

export interface StringCutter {
  /** What can be passed on. It may share the memory of what came. */
  push(chunk: Uint8Array): Uint8Array[]
  /** What is passed on at the end of the document. */
  end(): Uint8Array[]
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LETTER_U = 0x75
/** The longest spelling of one character, and that of a sign that takes two. */
const ESCAPE = 6
const PAIR = 2 * ESCAPE

export function createStringCutter({ head, tail, mark }: StringCaps): StringCutter {
  const last = keepLast(tail)
  /** Of a sign that has not come whole. */
  let rest: Uint8Array = new Uint8Array()
  let where: 'outside' | 'head' | 'tail' = 'outside'
  /** Characters of the head, or of what is collected of the tail. */
  let count = 0

  function takeLast(): Uint8Array[] {
    const { leftOut, bytes } = last.take(count)
    return leftOut === 0 ? [bytes] : [Buffer.from(JSON.stringify(mark(leftOut)).slice(1, -1)), bytes]
  }

  return {
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const passed: Uint8Array[] = []
      let from = 0
      let at = 0
      const flush = (): void => {
        if (where === 'tail') last.add(bytes.subarray(from, at))
        else if (at > from) passed.push(bytes.subarray(from, at))
        from = at
      }
      while (at < bytes.length) {
        if (where === 'outside') {
          const quote = bytes.indexOf(QUOTE, at)
          at = quote < 0 ? bytes.length : quote + 1
          if (quote < 0) break
          where = 'head'
          count = 0
        }
        const limit = where === 'head' ? head : tail
        const plain = countPlain(bytes, at, limit - count)
        count += plain
        at += plain
        const byte = bytes[at]
        if (byte === undefined) break
        if (byte === QUOTE) {
          flush()
          if (where === 'tail') passed.push(...takeLast())
          where = 'outside'
          at += 1
          continue
        }
        const length = lengthAt(bytes, at)
        if (length === 0) break
        if (count >= limit) {
          flush()
          if (where === 'tail') last.turn(count)
          where = 'tail'
          count = 0
        }
        count += charactersOf(byte, length)
        at += length
      }
      flush()
      rest = bytes.slice(at)
      return passed
    },
    end: () => [...(where === 'tail' ? takeLast() : []), rest],
  }
}

/** How many signs of one byte follow each other here, as far as it matters. */
function countPlain(bytes: Uint8Array, from: number, most: number): number {
  const end = Math.min(bytes.length, from + most)
  let at = from
  for (; at < end; at += 1) {
    const byte = bytes[at]
    if (byte === undefined || byte === QUOTE || byte === BACKSLASH || byte >= 0x80) break
  }
  return at - from
}

/** Bytes of the sign that begins here, a pair of escapes for one sign included; 0: it goes on behind what is there. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? 0
  if (byte === BACKSLASH) return escapeLengthAt(bytes, at)
  const whole = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
  for (let length = 1; length < whole; length += 1) {
    const next = bytes[at + length]
    if (next === undefined) return 0
    if ((next & 0xc0) !== 0x80) return length
  }
  return whole
}

function escapeLengthAt(bytes: Uint8Array, at: number): number {
  const kind = bytes[at + 1]
  if (kind === undefined) return 0
  if (kind !== LETTER_U) return 2
  if (at + ESCAPE > bytes.length) return 0
  if (!isEscapeFrom(bytes, at, 'd', '89ab')) return ESCAPE
  const isLow = isEscapeFrom(bytes, at + ESCAPE, 'd', 'cdef')
  if (isLow === undefined) return 0
  return isLow ? PAIR : ESCAPE
}

/** True for a `\u` escape with these first digits; undefined: it is too early to say. */
function isEscapeFrom(bytes: Uint8Array, at: number, ...digits: readonly string[]): boolean | undefined {
  const wanted = ['\\', 'u', ...digits]
  for (const [index, signs] of wanted.entries()) {
    const byte = bytes[at + index]
    if (byte === undefined) return undefined
    if (!signs.includes(String.fromCharCode(byte).toLowerCase())) return false
  }
  return at + ESCAPE <= bytes.length ? true : undefined
}

function charactersOf(byte: number, length: number): number {
  return length === PAIR || (byte >= 0xf0 && length === 4) ? 2 : 1
}

/**
 * The last characters of what is added, of which there may be any number: two pieces of at least that length, of which the older one goes as soon as
 * the newer one is full.
 */
function keepLast(most: number) {
  let older = { bytes: new Uint8Array(), length: 0, characters: 0 }
  let newer = { bytes: new Uint8Array(), length: 0 }
  let leftOut = 0
  return {
    add(bytes: Uint8Array): void {
      const length = newer.length + bytes.length
      if (length > newer.bytes.length) {
        const longer = new Uint8Array(Math.max(length, Math.min(2 * length, ESCAPE * (most + 2))))
        longer.set(newer.bytes.subarray(0, newer.length))
        newer.bytes = longer
      }
      newer.bytes.set(bytes, newer.length)
      newer.length = length
    },
    /** The newer piece is full: it has so many characters, and the next is another one. */
    turn(characters: number): void {
      leftOut += older.characters
      const { bytes } = older
      older = { ...newer, characters }
      newer = { bytes, length: 0 }
    },
    /** `characters`: of the newer piece. Nothing is left behind. */
    take(characters: number): { readonly leftOut: number; readonly bytes: Uint8Array } {
      const bytes = Buffer.concat([older.bytes.subarray(0, older.length), newer.bytes.subarray(0, newer.length)])
      let left = older.characters + characters
      let at = 0
      while (left > most) {
        const length = lengthAt(bytes, at)
        const gone = charactersOf(bytes[at] ?? 0, length)
        if (left - gone < most) break
        left -= gone
        at += length
      }
      const taken = { leftOut: leftOut + older.characters + characters - left, bytes: bytes.subarray(at) }
      older = { ...older, length: 0, characters: 0 }
      newer.length = 0
      leftOut = 0
      return taken
    },
  }
}
