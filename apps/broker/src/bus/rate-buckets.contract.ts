/**
 * What all rate buckets do, wherever they are kept.
 */
import { describe, expect, it } from 'vitest'
import { MOST_DELAY_MS } from '../auth/limits/token-bucket.ts'
import type { RateBuckets } from './rate-buckets.ts'

const NOW = 1_000_000
const small = { burst: 2, perSecond: 1 }
const large = { burst: 10, perSecond: 1 }

export function describeRateBuckets(name: string, makeBuckets: () => Promise<RateBuckets>): void {
  describe(`rate buckets: ${name}`, () => {
    it('admit a burst, then refuse and say how long to wait, then admit again', async () => {
      const buckets = await makeBuckets()
      const take = (now: number) => buckets.take([{ key: 'ada', rule: small }], now)
      expect([await take(NOW), await take(NOW)]).toEqual([{ outcome: 'admitted' }, { outcome: 'admitted' }])
      expect(await take(NOW + 400)).toEqual({ outcome: 'refused', waitMs: 600 })
      expect(await take(NOW + 1_000)).toEqual({ outcome: 'admitted' })
    })

    it('are one for each key', async () => {
      const buckets = await makeBuckets()
      for (let count = 0; count < 3; count++) await buckets.take([{ key: 'ada', rule: small }], NOW)
      expect(await buckets.take([{ key: 'bob', rule: small }], NOW)).toEqual({ outcome: 'admitted' })
    })

    it('take from all that are named or from none', async () => {
      const buckets = await makeBuckets()
      const both = [
        { key: 'ada', rule: large },
        { key: 'address', rule: small },
      ]
      for (let count = 0; count < 20; count++) await buckets.take(both, NOW)
      for (let count = 0; count < 8; count++) expect((await buckets.take([{ key: 'ada', rule: large }], NOW)).outcome).toBe('admitted')
      expect((await buckets.take([{ key: 'ada', rule: large }], NOW)).outcome).toBe('refused')
    })

    it('take back what did not count, and are never more than full', async () => {
      const buckets = await makeBuckets()
      const uses = [{ key: 'ada', rule: small }]
      for (let count = 0; count < 10; count++) {
        expect(await buckets.take(uses, NOW)).toEqual({ outcome: 'admitted' })
        await buckets.giveBack(uses, NOW)
      }
      for (let count = 0; count < 3; count++) await buckets.giveBack(uses, NOW)
      const answers = [await buckets.take(uses, NOW), await buckets.take(uses, NOW), await buckets.take(uses, NOW)]
      expect(answers.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted', 'refused'])
    })

    it('never refuse what may be late, and never delay it for long', async () => {
      const buckets = await makeBuckets()
      const delays: number[] = []
      for (let count = 0; count < 100; count++) delays.push(await buckets.takeLate([{ key: 'ada', rule: small }], NOW))
      expect(delays.slice(0, 4)).toEqual([0, 0, 1_000, 2_000])
      expect(Math.max(...delays)).toBe(MOST_DELAY_MS)
      expect(await buckets.takeLate([{ key: 'ada', rule: small }], NOW + 10_000)).toBe(0)
    })

    it('take nothing late from what is shared while that of the greedy one is empty', async () => {
      const buckets = await makeBuckets()
      const shared = { key: 'address', rule: large }
      for (let count = 0; count < 100; count++) await buckets.takeLate([{ key: 'greedy', rule: small }, shared], NOW)
      for (let count = 0; count < 8; count++) expect(await buckets.takeLate([shared], NOW)).toBe(0)
      expect(await buckets.takeLate([shared], NOW)).toBeGreaterThan(0)
    })
  })
}
