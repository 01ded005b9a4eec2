import { expect, it } from 'vitest'
import { describeRateBuckets } from './rate-buckets.contract.ts'
import { createMemoryRateBuckets } from './rate-buckets-memory.ts'

describeRateBuckets('memory', async () => createMemoryRateBuckets())

it('keeps the emptiest bucket of a slot, however many others come', () => {
  const buckets = createMemoryRateBuckets(1)
  const rule = { burst: 3, perSecond: 0.001 }
  for (let count = 0; count < 3; count++) buckets.take([{ key: 'greedy', rule }], 0)
  for (let count = 0; count < 1_000; count++) buckets.take([{ key: `other ${count}`, rule }], 0)
  expect(buckets.take([{ key: 'greedy', rule }], 0).outcome).toBe('refused')
})
