import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from './random-source.fixture.ts'
import { makeUserCode, readUserCode, showUserCode, USER_CODE_LETTERS } from './user-code.ts'

const codes = fc.integer().map(seed => makeUserCode(seededRandom(seed)))

describe('a user code', () => {
  it('has eight letters, none of them a vowel', () => {
    fc.assert(
      fc.property(codes, code => {
        expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/)
      }),
    )
  })

  it('is shown in two halves, and read back however it is typed', () => {
    fc.assert(
      fc.property(codes, code => {
        const shown = showUserCode(code)
        expect(shown).toMatch(/^[A-Z]{4}-[A-Z]{4}$/)
        const typed = [
          code,
          shown,
          shown.toLowerCase(),
          ` ${shown} `,
          shown.replace('-', ' '),
          shown.replace('-', '–'),
          code.split('').join(' '),
        ]
        for (const text of typed) expect(readUserCode(text)).toBe(code)
      }),
    )
  })

  it('T14 is fair: a byte that would favour some letters is thrown away', () => {
    const bytes = Array.from({ length: 256 }, (_, at) => (at + 240) % 256)
    const random = (count: number) => Uint8Array.from(bytes.splice(0, count))
    const letters = Array.from({ length: 30 }, () => makeUserCode(random)).join('')
    const counts = USER_CODE_LETTERS.split('').map(letter => letters.split(letter).length - 1)
    expect(counts).toEqual(Array(20).fill(12))
  })

  it.each(['', 'BCDF', 'BCDF-GHJ', 'BCDF-GHJKL', 'ACDF-GHJK', 'BCDF-GHJ1', 'BCDF_GHJK', 'ßCDF-GHJ', `BCDF${' '.repeat(80)}GHJK`])(
    'is not %j',
    text => {
      expect(readUserCode(text)).toBeUndefined()
    },
  )

  it('is read from no other text, and no text makes the reader fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(readUserCode(text) ?? 'BBBBBBBB').toMatch(/^[A-Z]{8}$/)
      }),
    )
  })
})
