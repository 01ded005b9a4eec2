import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanDeep, cleanLine, cleanText } from './escape.ts'
import { toJsonText } from './json.ts'

const rows: readonly (readonly [sentence: string, text: string, shown: string])[] = [
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['moves of the cursor', 'a\u001b[2J\u001b[1;1Hb', 'ab'],
  ['sequences that begin with one C1 control', '\u009b31mred\u009b0m', 'red'],
  ['a title', '\u001b]0;owned\u0007name', 'name'],
  ['a title that ends the other way', '\u001b]0;owned\u001b\\name', 'name'],
  ['a title in C1 controls', '\u009d0;owned\u009cname', 'name'],
  ['the clipboard', 'x\u001b]52;c;bm8=\u0007y', 'xy'],
  ['a link, but not its text', '\u001b]8;;https://e.example\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['a device control string', '\u001bP$q"p\u001b\\x', 'x'],
  ['a message to the application', '\u001b_secret\u001b\\x', 'x'],
  ['a reset, and the choice of another alphabet', '\u001bcx\u001b(0y', 'xy'],
  ['the start of a title that never ends, but not what follows', '\u001b]0;all of the log', '0;all of the log'],
  ['a sequence that appears when another goes', '\u001b\u001b[0m[31mx', '[31mx'],
  ['backspace, bell, delete, nothing', 'a\bb\u0007c\u007fd\u0000e', 'abcde'],
  ['the order of writing turned round', 'evil\u202etxt.exe\u2066x\u2069\u200f', 'eviltxt.exex'],
  ['what cannot be seen', 'a\u200bb\ufeffc\u{e0041}d\u00ade', 'abcde'],
]

const NASTY = Array.from('\u001b\u009b\u009d\u0090\u009c\u0007\\[];0m?!"#$%ABHJPX^_c\n\t\r\u202e\ud800\u2028')

describe('T10 text for a terminal', () => {
  it.each(rows)('is without %s', (_sentence, text, shown) => {
    expect(cleanText(text)).toBe(shown)
  })

  it('keeps lines and tabs, and makes lines of what would write over them', () => {
    expect(cleanText('a\tb\r\nc\rd\u2028e\u0085f\vg\n')).toBe('a\tb\nc\nd\ne\nf\ng\n')
    expect(cleanLine('a\tb\r\nc\n\n\nd')).toBe('a b c d')
  })

  it('leaves what people write', () => {
    const written = 'Charité – Zürich Ω 東京 مرحبا שלום 🧬 a=b; [31m] {x} "q" \\n'
    expect(cleanLine(written)).toBe(written)
  })

  it('never holds anything that a terminal obeys, and cleaning it again changes nothing', () => {
    const nasty = fc.array(fc.oneof(fc.string({ unit: fc.constantFrom(...NASTY) }), fc.string({ unit: 'binary' })))
    fc.assert(
      fc.property(nasty, parts => {
        const clean = cleanText(parts.join(''))
        expect(clean).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect(cleanText(clean)).toBe(clean)
        expect(cleanLine(clean)).not.toMatch(/[\n\t]/)
      }),
      { numRuns: 200 },
    )
  })

  it('is cleaned at any depth, keys too', () => {
    expect(cleanDeep({ 'a\u001b[1m': ['\u0007x', 1, null, { b: '\u202ey' }] })).toEqual({ a: ['x', 1, null, { b: 'y' }] })
  })
})

describe('JSON', () => {
  it('holds everything, and nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = toJsonText(value, indent)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
      { numRuns: 300 },
    )
    expect(toJsonText({ a: '\u001b\u009b\u202e\u{e0041}\u007f' })).toBe('{"a":"\\u001b\\u009b\\u202e\\udb40\\udc41\\u007f"}')
  })
})
