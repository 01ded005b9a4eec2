import { describe, expect, it } from 'vitest'
import { createMemoryRateBuckets } from '../../bus/rate-buckets-memory.ts'
import { convertRates, RatesFile } from '../../config/rates-file.ts'
import { createAskTurns } from './ask-turns.ts'
import { createDoorLimits } from './door-limits.ts'

const ADDRESS = '203.0.113.7'

/** The bucket fills only where the test says so; who waits has real time to do it in. */
function openTurns({ atOnce = 2, patienceMs = 60_000 } = {}) {
  const told: string[] = []
  const limits = createDoorLimits({
    buckets: createMemoryRateBuckets(),
    rules: convertRates(RatesFile.parse({ address: { logins: { atOnce, perMinute: 1 } } })),
    observer: { limited: (act, outcome) => void told.push(`${act} ${outcome}`) },
    now: () => 0,
  })
  return { turns: createAskTurns({ limits, now: Date.now, patienceMs }), told }
}

describe('T16 turns to ask a login about unknown tokens', () => {
  it('are had at once while the bucket of wrong ones has some', async () => {
    const { turns, told } = openTurns()
    expect([await turns.take(ADDRESS), await turns.take(ADDRESS)]).toEqual([{ outcome: 'admitted' }, { outcome: 'admitted' }])
    expect(told).toEqual([])
  })

  it('are waited for in line beyond that, and had as questions turn out right: nobody is refused where nobody is wrong', async () => {
    const { turns, told } = openTurns()
    await Promise.all([turns.take(ADDRESS), turns.take(ADDRESS)])
    const had: number[] = []
    const waiting = Array.from({ length: 40 }, async (_, index) => {
      const turn = await turns.take(ADDRESS)
      had.push(index)
      await turns.giveBack(ADDRESS)
      return turn.outcome
    })
    await turns.giveBack(ADDRESS)
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['admitted']))
    expect(had).toEqual(had.toSorted((a, b) => a - b))
    expect(new Set(told)).toEqual(new Set(['token slowed']))
  })

  it('are not had by who has waited too long, nor by who would be one too many, and another address waits for neither', async () => {
    const { turns } = openTurns({ atOnce: 1, patienceMs: 50 })
    await turns.take(ADDRESS)
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => turns.take(ADDRESS)))
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['refused']))
    expect(await turns.take('198.51.100.1')).toEqual({ outcome: 'admitted' })
  })
})
