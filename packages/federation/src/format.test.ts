import { describe, expect, it } from 'vitest'
import { formatBytes, formatDay, formatDuration, listSome } from './format.ts'

describe('figures for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1234, '1.2 kB'],
    [9960, '10 kB'],
    [340_000_000, '340 MB'],
    [999_999, '1 MB'],
    [1_500_000_000, '1.5 GB'],
    [2e15, '2 PB'],
    [5e18, '5000 PB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
  it.each([
    [0, '0 s'],
    [850, '850 ms'],
    [41_000, '41 s'],
    [130_000, '2 min 10 s'],
    [120_000, '2 min'],
    [3_599_600, '1 h'],
    [11_100_000, '3 h 5 min'],
    [187_200_000, '2 d 4 h'],
  ])('%d ms are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
  it('days are UTC', () => {
    expect(formatDay(Date.UTC(2027, 11, 31))).toBe('2027-12-31')
  })
  it('long lists are cut', () => {
    expect(listSome(['a', 'b', 'c'])).toBe('a, b, c')
    expect(listSome(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more')
  })
})
