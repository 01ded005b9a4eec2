import { describe, expect, it } from 'vitest'
import { openParts, type Parts, SILENT } from '../../test/reconcile-parts.ts'
import { SYSTEM } from '../auth/principal.ts'
import { ADA, claim, NOW } from '../stores/contract/builders.ts'
import { createLeaseHolder } from './lease.ts'
import { createSequencer } from './sequencer.ts'

const TTL_MS = 15_000
/** More than a sequencer numbers in one write. */
const MANY = 2_100
const never = new AbortController().signal

function openSequencer(parts: Parts, owner = 'one', woken: string[] = []) {
  const lease = createLeaseHolder(parts.store, 'events', owner, TTL_MS, parts.now, SILENT)
  return createSequencer(parts.store, lease, { wake: topic => void woken.push(topic) }, parts.now)
}

/** The numbers of the events of a work item, in their order. */
const numbersOf = ({ store }: Parts, work: Awaited<ReturnType<Parts['submit']>>) =>
  store.getEvents(SYSTEM, work).map(({ number }) => number)

describe('the sequencer of events', () => {
  it('numbers what was committed in its order, from 1 on and without a gap, and chains it', async () => {
    await using parts = await openParts()
    const works = [await parts.submit(ADA), await parts.submit(ADA), await parts.submit(ADA)]
    expect(works.map(work => numbersOf(parts, work))).toEqual([[undefined], [undefined], [undefined]])
    await openSequencer(parts).round(never)
    expect(works.map(work => numbersOf(parts, work))).toEqual([[1], [2], [3]])
    const chain = await parts.store.verifyEvents(SYSTEM)
    expect(chain.brokenAt).toBeUndefined()
    expect(chain.verified).toBeGreaterThanOrEqual(works.length)
  })

  it('wakes who follows events for what it has numbered, and for nothing else', async () => {
    await using parts = await openParts()
    const woken: string[] = []
    const sequencer = openSequencer(parts, 'one', woken)
    await parts.submit(ADA)
    await sequencer.round(never)
    expect(woken).toEqual(['events'])
    await sequencer.round(never)
    expect(woken).toEqual(['events'])
  })

  it('goes on where it stopped, gives no number twice, and changes none that was given', async () => {
    await using parts = await openParts()
    const first = await parts.submit(ADA)
    const sequencer = openSequencer(parts)
    await sequencer.round(never)
    const before = await parts.store.verifyEvents(SYSTEM)
    const second = await parts.submit(ADA)
    await sequencer.round(never)
    const after = await parts.store.verifyEvents(SYSTEM)
    expect(numbersOf(parts, first)).toEqual([1])
    expect(numbersOf(parts, second)).toEqual([before.verified + 1])
    expect(after).toMatchObject({ verified: before.verified + 1, head: expect.not.stringMatching(before.head) })
    await sequencer.round(never)
    expect(await parts.store.verifyEvents(SYSTEM)).toEqual(after)
  })

  it('numbers in one round whatever has gathered, however much it is', async () => {
    await using parts = await openParts()
    await Promise.all(Array.from({ length: MANY }, () => parts.submit(ADA)))
    await openSequencer(parts).round(never)
    const { verified, brokenAt } = await parts.store.verifyEvents(SYSTEM)
    expect(verified).toBeGreaterThanOrEqual(MANY)
    expect(brokenAt).toBeUndefined()
  })

  it('stops between two writes when the broker ends', async () => {
    await using parts = await openParts()
    await Promise.all(Array.from({ length: MANY }, () => parts.submit(ADA)))
    await openSequencer(parts).round(AbortSignal.abort())
    expect((await parts.store.verifyEvents(SYSTEM)).verified).toBe(2_000)
  })

  it('wants to come again soon enough that an event has its number within a second', async () => {
    await using parts = await openParts()
    const next = await openSequencer(parts).round(never)
    expect(next).toBeGreaterThan(NOW)
    expect(next).toBeLessThan(NOW + 1_000)
  })

  it('numbers nothing while another replica does, and takes over when that is gone', async () => {
    await using parts = await openParts()
    const work = await parts.submit(ADA)
    await claim(parts.store, 'events', 'another')
    const sequencer = openSequencer(parts)
    expect(await sequencer.round(never)).toBe(NOW + 1_000)
    expect(numbersOf(parts, work)).toEqual([undefined])
    parts.at += TTL_MS + 1_000
    await sequencer.round(never)
    expect(numbersOf(parts, work)).toEqual([1])
  })

  it('leaves the chain to the replica that has taken its lease, and claims it anew only when that is free (I6)', async () => {
    await using parts = await openParts()
    const late = openSequencer(parts, 'late')
    await late.round(never)
    await claim(parts.store, 'events', 'another', NOW + TTL_MS + 1_000)
    const work = await parts.submit(ADA)
    await late.round(never)
    await late.round(never)
    expect(numbersOf(parts, work)).toEqual([undefined])
    parts.at = NOW + 2 * TTL_MS + 2_000
    await late.round(never)
    expect(numbersOf(parts, work)[0]).toBeGreaterThan(0)
    expect((await parts.store.verifyEvents(SYSTEM)).brokenAt).toBeUndefined()
  })
})
