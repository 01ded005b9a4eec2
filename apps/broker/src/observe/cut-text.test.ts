import { describe, expect, it } from 'vitest'
import { capText, findCut, joinCut } from './cut-text.ts'

describe('a text that is cut', () => {
  it('is left as it is where it is short', () => {
    expect(capText('all of it', 5, 4)).toBe('all of it')
  })

  it('keeps head and tail, and says how much is gone', () => {
    expect(capText('abcdefghij', 3, 2)).toBe('abc\n[5 characters left out]\nij')
  })

  it('counts what was gone before, and what goes now', () => {
    expect(joinCut('abcd', 10, 'xyz', 3, 2)).toBe('abc\n[12 characters left out]\nyz')
    expect(joinCut('ab', 10, 'z', 3, 2)).toBe('ab\n[10 characters left out]\nz')
  })

  it('tells where it goes on', () => {
    const cut = capText('abcdefghij', 3, 2)
    expect(findCut(cut, 3, 2)).toEqual({ at: 3, characters: 5, goesOnAt: cut.length - 2 })
  })

  it('takes no words of a tool for its own', () => {
    expect(findCut('\n[5 characters left out]\n')).toBeUndefined()
    expect(findCut('x'.repeat(300_000))).toBeUndefined()
  })
})
