import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BodyShare, createBodyBudget } from './body-budget.ts'

const NOBODY = { limited: () => undefined }
const person = (subject: string) => ({ issuer: 'https://login.example.org/', subject })

describe('T16 the bytes of bodies under way', () => {
  it('are bounded for a person, and in all', () => {
    const budget = createBodyBudget({ personBytes: 100, allBytes: 150 }, NOBODY)
    const [ada, more, ben] = [budget.open(person('ada')), budget.open(person('ada')), budget.open(person('ben'))]
    expect([ada.add(60), more.add(60), more.add(40), ben.add(60), ben.add(50)]).toEqual([true, false, true, false, true])
    ada.end()
    expect(ben.add(50)).toBe(true)
  })

  it('are never more than that, and all there again when all have ended', () => {
    const step = fc.record({ who: fc.integer({ min: 0, max: 3 }), bytes: fc.integer({ min: 1, max: 60 }), ends: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const budget = createBodyBudget({ personBytes: 100, allBytes: 250 }, NOBODY)
        const open: { who: number; bytes: number; share: BodyShare }[] = []
        for (const { who, bytes, ends } of steps) {
          if (ends) open.shift()?.share.end()
          const share = budget.open(person(String(who)))
          if (share.add(bytes)) open.push({ who, bytes, share })
          const sum = (of: readonly { bytes: number }[]): number => of.reduce((total, { bytes: own }) => total + own, 0)
          expect(sum(open)).toBeLessThanOrEqual(250)
          expect(sum(open.filter(one => one.who === who))).toBeLessThanOrEqual(100)
        }
        for (const { share } of open) share.end()
        const [ada, ben] = [budget.open(person('ada')), budget.open(person('ben'))]
        expect([ada.add(100), ben.add(100), ada.add(1)]).toEqual([true, true, false])
      }),
    )
  })
})
