import { describe, expect, it } from 'vitest'
import { countParts, MOST_UPLOAD_BYTES, missingParts, planParts, sizeOfPart } from './plan-parts.ts'

const MIB = 2 ** 20

describe('a file in parts', () => {
  it.each([
    ['an empty one', 0, 16 * MIB, 1, 0],
    ['a small one', 5, 16 * MIB, 1, 5],
    ['one of exactly a part', 16 * MIB, 16 * MIB, 1, 16 * MIB],
    ['one of a byte more', 16 * MIB + 1, 16 * MIB, 2, 1],
    ['one of as many parts as there may be', 160_000 * MIB, 16 * MIB, 10_000, 16 * MIB],
    ['one of more', 160_000 * MIB + 1, 17 * MIB, 9_412, 13 * MIB + 1],
    ['the largest', MOST_UPLOAD_BYTES, 525 * MIB, 9_987, 230 * MIB],
  ])('%s has parts of the size that fits', (_, bytes, partBytes, count, last) => {
    const file = { bytes, partBytes: planParts(bytes, 10_000) }
    expect([file.partBytes, countParts(file), sizeOfPart(file, count)]).toEqual([partBytes, count, last])
    expect([sizeOfPart(file, 0), sizeOfPart(file, count + 1), sizeOfPart(file, 1.5)]).toEqual([undefined, undefined, undefined])
  })

  it('is one part where its server takes no more', () => {
    expect(planParts(7 * 2 ** 30, 1)).toBe(7 * 2 ** 30)
    expect(countParts({ bytes: 0, partBytes: 0 })).toBe(1)
  })

  it('is whole with exactly its parts', () => {
    const file = { bytes: 25, partBytes: 10 }
    const part = (number: number, bytes: number) => ({ number, bytes })
    expect(missingParts(file, [part(1, 10), part(2, 10), part(3, 5)])).toEqual([])
    expect(missingParts(file, [part(3, 10), part(2, 9)])).toEqual([1, 2, 3])
  })
})
