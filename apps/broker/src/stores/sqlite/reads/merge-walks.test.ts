import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeWalks, type Walked } from './merge-walks.ts'

describe('pages of several walks', () => {
  it.each<[string, readonly Walked[], number, Walked]>([
    [
      'that are finished are merged',
      [
        { ids: ['d', 'a'], next: undefined },
        { ids: ['c'], next: undefined },
      ],
      9,
      { ids: ['d', 'c', 'a'], next: undefined },
    ],
    [
      'show an id of two walks once',
      [
        { ids: ['b'], next: undefined },
        { ids: ['b', 'a'], next: undefined },
      ],
      9,
      { ids: ['b', 'a'], next: undefined },
    ],
    [
      'go no further than the first that is unfinished',
      [
        { ids: ['d', 'a'], next: undefined },
        { ids: ['c'], next: 'b' },
      ],
      9,
      { ids: ['d', 'c'], next: 'b' },
    ],
    [
      'are cut at their size',
      [
        { ids: ['d', 'a'], next: undefined },
        { ids: ['c'], next: undefined },
      ],
      2,
      { ids: ['d', 'c'], next: 'c' },
    ],
    [
      'may be empty and go on',
      [
        { ids: [], next: 'm' },
        { ids: ['a'], next: undefined },
      ],
      9,
      { ids: [], next: 'm' },
    ],
  ])('%s', (_, walks, size, merged) => {
    expect(mergeWalks(walks, size)).toEqual(merged)
  })

  it('show every id exactly once, newest first, however the walks are cut', () => {
    const letters = fc.uniqueArray(fc.integer({ min: 0, max: 200 }).map(number => String(number).padStart(3, '0')))
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        (sets, size, step) => {
          const sorted = sets.map(ids => ids.toSorted().reverse())
          const shown: string[] = []
          let after = '~'
          for (;;) {
            const walks = sorted.map((ids): Walked => {
              // A walk looks at so many ids, and finds those of them that fit on a page.
              const looked = ids.filter(id => id < after).slice(0, step)
              const found = looked.slice(0, size)
              const isDone = found.length === looked.length && looked.length < step
              return { ids: found, next: isDone ? undefined : found.at(-1) }
            })
            const page = mergeWalks(walks, size)
            shown.push(...page.ids)
            if (page.next === undefined) break
            expect(page.next < after).toBe(true)
            after = page.next
          }
          expect(shown).toEqual([...new Set(sorted.flat())].toSorted().reverse())
        },
      ),
    )
  })
})
