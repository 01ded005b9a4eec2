import { describe, expect, it } from 'vitest'
import { readRange } from './byte-range.ts'

const rows: readonly (readonly [sentence: string, header: string | undefined, total: number, asked: ReturnType<typeof readRange>])[] = [
  ['no header asks for the whole', undefined, 10, 'whole'],
  ['a part is from its first to its last byte', 'bytes=2-5', 10, { first: 2, last: 5 }],
  ['a part without an end goes to the end', 'bytes=2-', 10, { first: 2, last: 9 }],
  ['a part that ends behind the file ends with it', 'bytes=2-99', 10, { first: 2, last: 9 }],
  ['the last bytes are counted from the end', 'bytes=-3', 10, { first: 7, last: 9 }],
  ['more last bytes than there are are all', 'bytes=-30', 10, { first: 0, last: 9 }],
  ['nothing lies behind the end', 'bytes=10-', 10, 'none'],
  ['of an empty file there is no part', 'bytes=0-', 0, 'none'],
  ['no last bytes are no part', 'bytes=-0', 10, 'none'],
  ['a part that runs backwards is not understood', 'bytes=5-2', 10, 'whole'],
  ['several parts are sent as the whole', 'bytes=0-1,4-5', 10, 'whole'],
  ['another unit is not understood', 'lines=1-2', 10, 'whole'],
  ['a dash alone is not understood', 'bytes=-', 10, 'whole'],
]

describe('the part of a file that is asked for', () => {
  it.each(rows)('%s', (_, header, total, asked) => {
    expect(readRange(header, total)).toEqual(asked)
  })
})
