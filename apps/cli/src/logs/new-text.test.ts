import { describe, expect, it } from 'vitest'
import { findNew, NOTHING_SHOWN, type TextTail } from './new-text.ts'

/** The end of a text as a broker shows it: so many characters at most, counted from the beginning of the text. */
const tailOf = (whole: string, most: number): TextTail => ({
  text: whole.slice(-most),
  from: Math.max(0, whole.length - most),
  total: whole.length,
})
/** The same as a server shows it that counts in what it shows alone. */
const windowOf = (whole: string, most: number): TextTail => ({ text: whole.slice(-most), from: 0, total: Math.min(most, whole.length) })

/** What somebody sees who looks at these, one after the other. */
function read(...tails: readonly TextTail[]): readonly (string | number)[] {
  const seen: (string | number)[] = []
  let shown = NOTHING_SHOWN
  for (const tail of tails) {
    const found = findNew(shown, tail)
    shown = found.shown
    if (found.missed !== 0) seen.push(found.missed)
    if (found.text !== '') seen.push(found.text)
  }
  return seen
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index} of many\n`).join('')

describe('what is new of a text', () => {
  it('is all of it at first, then what has been added, and nothing where nothing has', () => {
    expect(read(tailOf('ab', 10), tailOf('abc', 10), tailOf('abc', 10), tailOf('abcdef', 10))).toEqual(['ab', 'c', 'def'])
    expect(read(tailOf('', 10), tailOf('', 10), tailOf('a', 10))).toEqual(['a'])
  })

  it('is told apart from what was left out before it', () => {
    expect(read(tailOf('abcdefgh', 3))).toEqual([5, 'fgh'])
    expect(read(tailOf('abc', 3), tailOf('abcdefghij', 3))).toEqual(['abc', 4, 'hij'])
  })

  it('goes on across the cut of a log that is stored with a head and a tail', () => {
    const whole = lines(0, 20_000)
    expect(read(tailOf(whole.slice(0, 70_000), 65_536), tailOf(whole, 65_536))).toEqual([
      70_000 - 65_536,
      whole.slice(70_000 - 65_536, 70_000),
      whole.length - 65_536 - 70_000,
      whole.slice(-65_536),
    ])
    expect(read(tailOf(whole.slice(0, -1_000), 65_536), tailOf(whole, 65_536)).at(-1)).toBe(whole.slice(-1_000))
  })

  it('is found by what was shown last where a server shows but a window', () => {
    const looks = [5, 9, 12, 200, 203].map(to => windowOf(lines(0, to), 400))
    const seen = read(...looks)
    expect(seen.slice(0, 3).join('')).toBe(lines(0, 12))
    expect(seen.slice(3)).toEqual([-1, lines(0, 200).slice(-400), lines(200, 203)])
  })

  it('is every character once, however the text is looked at', () => {
    const whole = lines(0, 300)
    let state = 7
    const next = (most: number): number => {
      state = (state * 48_271) % 2_147_483_647
      return state % most
    }
    for (let round = 0; round < 50; round++) {
      const looks: TextTail[] = []
      for (let to = 0; to < whole.length; to += next(900)) looks.push(tailOf(whole.slice(0, to), 1_000))
      expect(read(...looks, tailOf(whole, 1_000)).join('')).toBe(whole)
    }
  })
})
