import type { AttemptId, SiteTaskId, SweepDiff, SweepRecord } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { beginLease, createSiteContact, noteSweep, pruneContact } from './site-contact.ts'

const ONE = 'a1' as AttemptId
const TWO = 'a2' as AttemptId

const sweepAt = (endedAt: number, complete = true): SweepRecord => ({ startedAt: endedAt - 5, endedAt, complete, view: 'BASIC' })

const diffOf = (changes: Partial<SweepDiff> = {}): SweepDiff => ({
  events: [],
  reap: [],
  quarantined: false,
  unknownIds: false,
  understood: new Set(),
  ...changes,
})

describe('the contact with a site', () => {
  it('knows nothing at first, so that the first thing to do is a sweep', () => {
    expect(createSiteContact()).toMatchObject({ leaseSince: 0, lastAnswerAt: 0, lastSweep: undefined, quarantinedSince: undefined })
  })

  it('forgets with a new lease all that the one before taught, but not what is still under way', () => {
    const contact = createSiteContact()
    noteSweep(contact, sweepAt(10), diffOf({ quarantined: true, unknownIds: true, understood: new Set(['x' as SiteTaskId]) }))
    contact.lastAnswerAt = 10
    contact.reads.set(ONE, 2)
    contact.askedAt.set(ONE, 9)
    contact.inFlight.add(ONE)
    contact.sweeping = true
    beginLease(contact, 20)
    expect(contact).toEqual({ ...createSiteContact(), leaseSince: 20, inFlight: new Set([ONE]), sweeping: true })
  })

  it.each<readonly [string, readonly (readonly [SweepRecord, Partial<SweepDiff>])[], number | undefined]>([
    [
      'since the first of several listings that are not believed',
      [
        [sweepAt(10), { quarantined: true }],
        [sweepAt(20), { quarantined: true }],
      ],
      10,
    ],
    [
      'no more after a complete listing that is',
      [
        [sweepAt(10), { quarantined: true }],
        [sweepAt(20), {}],
      ],
      undefined,
    ],
    [
      'still after a listing that broke off',
      [
        [sweepAt(10), { quarantined: true }],
        [sweepAt(20, false), {}],
      ],
      10,
    ],
    [
      'anew when it happens again',
      [
        [sweepAt(10), { quarantined: true }],
        [sweepAt(20), {}],
        [sweepAt(30), { quarantined: true }],
      ],
      30,
    ],
  ])('counts a quarantine %s', (_, sweeps, since) => {
    const contact = createSiteContact()
    for (const [sweep, diff] of sweeps) noteSweep(contact, sweep, diffOf(diff))
    expect(contact.quarantinedSince).toBe(since)
  })

  it.each<readonly [string, SweepRecord, boolean, boolean]>([
    ['stays until a complete listing explains them', sweepAt(20, false), false, true],
    ['goes with a complete listing that explains them', sweepAt(20), false, false],
    ['comes with any listing that shows them', sweepAt(20, false), true, true],
  ])('that there are unknown ids %s', (_, sweep, unknownIds, expected) => {
    const contact = createSiteContact()
    noteSweep(contact, sweepAt(10), diffOf({ unknownIds: true }))
    noteSweep(contact, sweep, diffOf({ unknownIds }))
    expect(contact.unknownIds).toBe(expected)
  })

  it('keeps of the last listing when it was and what it explained', () => {
    const contact = createSiteContact()
    const understood = new Set(['x' as SiteTaskId])
    noteSweep(contact, sweepAt(10), diffOf({ understood }))
    expect(contact).toMatchObject({ lastSweep: sweepAt(10), understood })
  })

  it('drops what it keeps of attempts that are no more, and of no other', () => {
    const contact = createSiteContact()
    for (const map of [contact.reads, contact.askedAt]) for (const id of [ONE, TWO]) map.set(id, 1)
    pruneContact(contact, new Set([TWO]))
    expect([[...contact.reads.keys()], [...contact.askedAt.keys()]]).toEqual([[TWO], [TWO]])
  })
})
