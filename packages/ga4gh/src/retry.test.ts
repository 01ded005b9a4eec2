import { describe, expect, it } from 'vitest'
import { delayBeforeRetry, parseRetryAfter, pause } from './retry.ts'

describe('the pause before a retry', () => {
  it('doubles, with at most a quarter less, up to 8 s', () => {
    expect([0, 1, 2, 9].map(attempt => delayBeforeRetry(attempt, undefined, 0))).toEqual([250, 500, 1_000, 8_000])
    expect(delayBeforeRetry(0, undefined, 0.999)).toBeGreaterThanOrEqual(187)
  })
  it('is what the server asked for', () => {
    expect(delayBeforeRetry(5, 1_234, 0.5)).toBe(1_234)
  })
  it('ends at once when the signal is aborted', async () => {
    await expect(pause(60_000, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    ['7', 7_000],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['Thu, 01 Jan 2025 00:00:05 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('%s means %s ms', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected)
  })
})
