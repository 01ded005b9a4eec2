import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BodyShare, createBodyBudget } from './body-budget.ts'

const NOBODY = { limited: () => undefined }
const person = (subject: string) => ({ issuer: 'https://login.example.org/', subject })

describe('T16 the bytes of bodies under way', () => {
  it('are bounded for a person by what they announce, and what comes beyond it', () => {
    const budget = createBodyBudget({ personBytes: 100, allBytes: 1_000, keptBytes: 0 }, NOBODY)
    const [first, second, chunked] = [budget.open(person('ada')), budget.open(person('ada')), budget.open(person('ada'))]
    expect([first.announce(60), second.announce(60), second.announce(30)]).toEqual([true, false, true])
    expect([first.come(60), first.come(5), chunked.come(5), chunked.come(1)]).toEqual([true, true, true, false])
    first.end()
    expect(chunked.come(50)).toBe(true)
  })

  it('are bounded in all by what has come: what is announced alone takes nothing from others', () => {
    const budget = createBodyBudget({ personBytes: 100, allBytes: 100, keptBytes: 0 }, NOBODY)
    for (const one of ['ada', 'ben', 'eve']) expect(budget.open(person(one)).announce(100)).toBe(true)
    const mia = budget.open(person('mia'))
    expect([mia.announce(50), mia.come(50), mia.come(1)]).toEqual([true, true, false])
  })

  it('leave half of what is left to whoever comes next, however many hold all they can', () => {
    const budget = createBodyBudget({ personBytes: 1_000, allBytes: 1_000, keptBytes: 0 }, NOBODY)
    const most = Array.from({ length: 6 }, (_, index) => {
      const share = budget.open(person(String(index)))
      let bytes = 0
      while (share.come(1)) bytes += 1
      return bytes
    })
    expect(most).toEqual([500, 250, 125, 62, 31, 16])
  })

  it('keep a part of which nobody has more than a sixteenth, so that many can hold all they can and it is still not less', () => {
    const budget = createBodyBudget({ personBytes: 1_000, allBytes: 1_160, keptBytes: 160 }, NOBODY)
    const most = Array.from({ length: 24 }, (_, index) => {
      const share = budget.open(person(String(index)))
      let bytes = 0
      while (share.come(1)) bytes += 1
      return bytes
    })
    expect(most.slice(0, 6)).toEqual([500, 250, 125, 62, 31, 16])
    expect(new Set(most.slice(6, 6 + 17))).toEqual(new Set([10]))
    expect(most.reduce((sum, bytes) => sum + bytes)).toBeLessThanOrEqual(1_160)
    expect(budget.open(person('0')).come(1)).toBe(false)
  })

  it('are never more than that, and all there again when all have ended', () => {
    const step = fc.record({
      who: fc.integer({ min: 0, max: 3 }),
      announced: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      bytes: fc.integer({ min: 1, max: 60 }),
      ends: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const budget = createBodyBudget({ personBytes: 100, allBytes: 250, keptBytes: 32 }, NOBODY)
        const open: { who: number; bytes: number; share: BodyShare }[] = []
        for (const { who, announced, bytes, ends } of steps) {
          if (ends) open.shift()?.share.end()
          const share = budget.open(person(String(who)))
          if (announced !== undefined) share.announce(announced)
          open.push({ who, bytes: share.come(bytes) ? bytes : 0, share })
          const sum = (of: readonly { bytes: number }[]): number => of.reduce((total, { bytes: own }) => total + own, 0)
          expect(sum(open)).toBeLessThanOrEqual(250)
          expect(sum(open.filter(one => one.who === who))).toBeLessThanOrEqual(100)
        }
        for (const { share } of open) share.end()
        const [ada, more] = [budget.open(person('ada')), budget.open(person('ada'))]
        expect([ada.announce(100), ada.come(100), more.announce(1)]).toEqual([true, true, false])
      }),
    )
  })
})
