import { describe, expect, it } from 'vitest'
import { planParts, sizeParts } from './plan-parts.ts'

const MIB = 1024 * 1024

describe('the parts of a file', () => {
  it.each([
    ['none of an empty one', 0, []],
    ['one of a small one', 5, [[1, 0, 5]]],
    [
      'full ones alone, where it fits',
      32 * MIB,
      [
        [1, 0, 16 * MIB],
        [2, 16 * MIB, 16 * MIB],
      ],
    ],
    [
      'a short one last',
      16 * MIB + 1,
      [
        [1, 0, 16 * MIB],
        [2, 16 * MIB, 1],
      ],
    ],
  ])('are %s', (_, bytes, parts) => {
    expect(planParts(bytes, sizeParts(bytes)).map(({ number, from, bytes }) => [number, from, bytes])).toEqual(parts)
  })

  it.each([
    ['5 TiB', 5 * 2 ** 40],
    ['a size that no file has', Number.MAX_SAFE_INTEGER],
  ])('are 10,000 at most, of %s too', (_, bytes) => {
    const parts = planParts(bytes, sizeParts(bytes))
    expect(parts.length).toBeLessThanOrEqual(10_000)
    expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes)
  })
})
