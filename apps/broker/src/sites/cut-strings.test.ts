import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStringCutter } from './cut-strings.ts'

const mark = (characters: number): string => `\n<${characters}>\n`

/** What is passed on of a document that comes in pieces of these lengths, again and again. */
function cut(document: Uint8Array, lengths: readonly number[], head: number, tail: number): Buffer {
  const cutter = createStringCutter({ head, tail, mark })
  const passed: Uint8Array[] = []
  for (let at = 0, piece = 0; at < document.length; piece += 1) {
    const length = lengths[piece % lengths.length] ?? document.length
    // Whoever sends may use the memory of a piece again.
    passed.push(...cutter.push(document.slice(at, at + length)).map(part => Buffer.from(part)))
    at += length
  }
  return Buffer.concat([...passed, ...cutter.end()])
}

/** The same of one string, sign by sign. */
function cutPlainly(text: string, head: number, tail: number): string {
  const signs = Array.from(text)
  let begin = ''
  while (begin.length < head && signs.length > 0) begin += signs.shift()
  let end = ''
  while (end.length < tail && signs.length > 0) end = signs.pop() + end
  const between = signs.join('').length
  return between === 0 ? text : begin + mark(between) + end
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map(one => mapStrings(one, map))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [map(key), mapStrings(one, map)]))
}

/** All that can stand in a string, halves of signs too; and so spelled that nothing but escapes is left of it. */
const sign = fc.constantFrom('a', 'b', '"', '\\', '/', '\n', 'ä', '€', '\u2028', '😀', '🧬', '\ud83d', '\ude00', 'u', 'd')
const text = fc.string({ unit: sign, maxLength: 40, size: 'max' })
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))
const spellings: readonly ((json: string) => string)[] = [
  json => json,
  json => json.replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  json => json.replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`),
  json => json.replace(/(?<!\\)(?:\\\\)*\//g, slash => `${slash.slice(0, -1)}\\/`),
]
const documents = fc.tuple(value, fc.constantFrom(...spellings)).map(([made, spell]) => spell(JSON.stringify(made)))
const lengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 })

describe('the strings of a JSON document, in whatever pieces it comes,', () => {
  it('keep head and tail where they are long, whatever they hold', () => {
    fc.assert(
      fc.property(documents, lengths, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (document, pieces, head, tail) => {
        const passed = cut(Buffer.from(document), pieces, head, tail).toString()
        expect(JSON.parse(passed)).toEqual(mapStrings(JSON.parse(document), one => cutPlainly(one, head, tail)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('pass byte for byte where they are not', () => {
    fc.assert(
      fc.property(documents, lengths, (document, pieces) => {
        expect(cut(Buffer.from(document), pieces, 20, 60).toString()).toBe(document)
      }),
      { numRuns: 500 },
    )
  })

  it('are as harmless where the document is none, and need no more memory', () => {
    const bytes = fc
      .uint8Array({ maxLength: 200, size: 'max' })
      .map(some => some.map(byte => (byte % 5 === 0 ? 0x5c : byte % 7 === 0 ? 0x75 : byte)))
    fc.assert(
      fc.property(bytes, lengths, (some, pieces) => {
        expect(cut(some, pieces, 100, 100).equals(some)).toBe(true)
        const long = cut(Buffer.concat([Buffer.from('"'), some.map(byte => (byte === 0x22 ? 0 : byte))]), pieces, 2, 2)
        expect(long.length).toBeLessThan(80)
      }),
      { numRuns: 500 },
    )
  })

  it('hold little of what has come, however long they are', () => {
    const cutter = createStringCutter({ head: 1_000, tail: 1_000, mark })
    const line = Buffer.from(`${'a line of a log, \\u00e4 and \\ud83e\\uddec '.repeat(1_000)}\\n`)
    let bytes = cutter.push(Buffer.from('{"stdout":"')).reduce((sum, one) => sum + one.length, 0)
    const before = process.memoryUsage().arrayBuffers
    for (let sent = 0; sent < 200; sent += 1) bytes += cutter.push(line).reduce((sum, one) => sum + one.length, 0)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
    for (const one of [...cutter.push(Buffer.from('"}')), ...cutter.end()]) bytes += one.length
    expect(bytes).toBeLessThan(12_100)
  })
})
