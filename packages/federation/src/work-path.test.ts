import { type TesState, TesState as TesStates } from '@portolan/tes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatUtc } from './utc.ts'
import { advanceShown, isLegalPath } from './work-path.ts'

describe('isLegalPath', () => {
  it.each<readonly [boolean, string, readonly TesState[]]>([
    [true, 'the whole way', ['QUEUED', 'INITIALIZING', 'RUNNING', 'COMPLETE']],
    [true, 'a short cut', ['QUEUED', 'SYSTEM_ERROR']],
    [true, 'a pause and its end', ['QUEUED', 'RUNNING', 'PAUSED', 'RUNNING', 'COMPLETE']],
    [false, 'a step back', ['QUEUED', 'RUNNING', 'QUEUED']],
    [false, 'a change of an end', ['QUEUED', 'COMPLETE', 'SYSTEM_ERROR']],
    [false, 'a preemption', ['QUEUED', 'RUNNING', 'PREEMPTED']],
    [false, 'an unknown state', ['UNKNOWN', 'QUEUED']],
  ])('%s: %s', (legal, _, states) => {
    expect(isLegalPath(states)).toBe(legal)
  })

  it('I7: whatever sites report, what is shown is a legal path', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TesStates.options)), reported => {
        const shown: TesState[] = ['QUEUED']
        for (const state of reported) shown.push(advanceShown(shown.at(-1) ?? 'QUEUED', state))
        expect(isLegalPath(shown)).toBe(true)
      }),
    )
  })
})

describe('formatUtc', () => {
  it('writes every moment as Date does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), seconds => {
        expect(formatUtc(seconds * 1000)).toBe(new Date(seconds * 1000).toISOString().replace('.000', ''))
      }),
    )
  })
})
