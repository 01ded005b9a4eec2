import { describe, expect, it } from 'vitest'
import { lineOf } from './progress.ts'

describe('the line of progress', () => {
  it.each([
    [
      'half of the bytes',
      { files: 2, bytes: 4_000_000 },
      { files: 1, bytes: 2_000_000 },
      '[############............] 50 %  2 MB of 4 MB  1 of 2 files  1 MB/s',
    ],
    [
      'files without bytes',
      { files: 1, bytes: 0 },
      { files: 0, bytes: 0 },
      '[########################] 100 %  0 B of 0 B  0 of 1 files  0 B/s',
    ],
    [
      'more than was told',
      { files: 1, bytes: 10 },
      { files: 1, bytes: 20 },
      '[########################] 100 %  20 B of 10 B  1 of 1 files  10 B/s',
    ],
  ])('shows %s', (_, totals, now, line) => {
    expect(lineOf(totals, now, 2000)).toBe(line)
  })
})
