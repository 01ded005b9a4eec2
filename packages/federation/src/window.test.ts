import { describe, expect, it } from 'vitest'
import { buildSite } from '../test/build.ts'
import { T0 } from '../test/tracking-builders.ts'
import { countDispatch, countEnd, countStart, describeStatistics, FAILURE_HALF_LIFE_MS, startStatistics } from './site-statistics.ts'
import { growWindow, shrinkWindow, startWindow, waitsTooLong } from './window.ts'

const SITE = buildSite('a')
const LIMITS = { requestsPerSecond: 5, maxIdleTasks: 100, maxDocumentBytes: 1 }

it.each([
  ['a known site starts with five', startWindow(true, LIMITS), 5],
  ['an unknown one with two', startWindow(false, LIMITS), 2],
  ['each start adds one', growWindow(5, 3, 3, LIMITS), 8],
  ['up to twenty where little runs', growWindow(20, 3, 3, LIMITS), 20],
  ['up to twice what runs', growWindow(60, 3, 31, LIMITS), 62],
  ['never above the limit of the site', growWindow(60, 30, 90, { ...LIMITS, maxIdleTasks: 10 }), 10],
  ['a refusal halves it', shrinkWindow(9, LIMITS), 4],
  ['and leaves one', shrinkWindow(1, LIMITS), 1],
  ['three times the usual wait is too long', waitsTooLong(300, 100), true],
  ['twice is not', waitsTooLong(200, 100), false],
])('%s', (_, found, expected) => {
  expect(found).toBe(expected)
})

describe('statistics of a site', () => {
  it('follow the waits and count dispatches since the last start', () => {
    const started = countStart(countDispatch(startStatistics(T0)), 1000, T0)
    expect(describeStatistics(countDispatch(countStart(started, 2000, T0 + 40)), SITE, T0)).toMatchObject({
      waitMs: 1250,
      drainMs: 40,
      dispatchedSince: 1,
    })
  })

  it('forget half of the failures in an hour, however often they are asked', () => {
    const failed = countEnd(startStatistics(T0), true, T0)
    const { failuresMilli } = describeStatistics(failed, SITE, T0 + FAILURE_HALF_LIFE_MS)
    expect(failuresMilli).toBe(500)
    expect(describeStatistics(failed, SITE, T0 + FAILURE_HALF_LIFE_MS / 2).failuresMilli).toBeGreaterThan(670)
    expect(describeStatistics(countEnd(failed, false, T0), SITE, T0).attemptsMilli).toBe(2000)
  })
})
