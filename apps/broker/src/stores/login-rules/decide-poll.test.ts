import { describe, expect, it } from 'vitest'
import { decidePoll, type PollDecision, type PollFacts } from './decide-poll.ts'

const NOW = 1_760_000_000_000
const PENDING: PollFacts = { now: NOW, state: 'pending', expiresAt: NOW + 600_000, intervalMs: 5_000, pollAfterAt: NOW }

it('T16 a device that polls without end writes five times and no more', () => {
  let facts: PollFacts = { ...PENDING, pollAfterAt: NOW + 1 }
  let writes = 0
  for (let count = 0; count < 1_000; count++) {
    const decision = decidePoll(facts)
    if (decision.action !== 'wait') continue
    writes++
    facts = { ...facts, intervalMs: decision.intervalMs, pollAfterAt: decision.pollAfterAt }
  }
  expect(writes).toBe(5)
})

describe('T14 a device that polls', () => {
  it.each<[string, Partial<PollFacts>, PollDecision]>([
    ['is to wait while nobody has decided', {}, { action: 'wait', outcome: 'pending', intervalMs: 5_000, pollAfterAt: NOW + 5_000 }],
    [
      'is slowed by five seconds if it comes too early',
      { pollAfterAt: NOW + 1 },
      { action: 'wait', outcome: 'slowDown', intervalMs: 10_000, pollAfterAt: NOW + 10_000 },
    ],
    [
      'is slowed further the next time',
      { pollAfterAt: NOW + 1, intervalMs: 10_000 },
      { action: 'wait', outcome: 'slowDown', intervalMs: 15_000, pollAfterAt: NOW + 15_000 },
    ],
    [
      'is told so and no more, with nothing to write, once it was slowed to half a minute',
      { pollAfterAt: NOW + 1, intervalMs: 30_000 },
      { action: 'tell', outcome: 'slowDown', intervalMs: 30_000 },
    ],
    ['uses the flow once it is approved', { state: 'approved' }, { action: 'use' }],
    ['uses an approved flow even if it comes early', { state: 'approved', pollAfterAt: NOW + 1 }, { action: 'use' }],
    ['is told that the flow was denied', { state: 'denied' }, { action: 'refuse', outcome: 'denied' }],
    ['is told that the flow was used', { state: 'used' }, { action: 'refuse', outcome: 'used' }],
    ['is told that the flow has expired', { expiresAt: NOW }, { action: 'refuse', outcome: 'expired' }],
    ['gets nothing of an approved flow that has expired', { state: 'approved', expiresAt: NOW }, { action: 'refuse', outcome: 'expired' }],
  ])('%s', (_, changes, decision) => {
    expect(decidePoll({ ...PENDING, ...changes })).toEqual(decision)
  })
})
