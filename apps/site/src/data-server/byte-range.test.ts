import { expect, it } from 'vitest'
import { parseRange } from './byte-range.ts'

const rows: [header: string | undefined, size: number, expected: ReturnType<typeof parseRange>][] = [
  [undefined, 10, 'none'],
  ['bytes=0-4', 10, { first: 0, last: 4 }],
  ['bytes=5-', 10, { first: 5, last: 9 }],
  ['bytes=-3', 10, { first: 7, last: 9 }],
  ['bytes=-30', 10, { first: 0, last: 9 }],
  ['bytes=5-500', 10, { first: 5, last: 9 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=4-2', 10, 'none'],
  ['bytes=-', 10, 'none'],
  ['bytes=0-1,3-4', 10, 'none'],
  ['lines=1-2', 10, 'none'],
]

for (const [header, size, expected] of rows) {
  it(`${header ?? 'no header'} of ${size} bytes is ${JSON.stringify(expected)}`, () => {
    expect(parseRange(header, size)).toEqual(expected)
  })
}
