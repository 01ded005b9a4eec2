import type { SiteId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { openLedgers, siteOf } from '../../test/reconcile-parts.ts'
import { NOW, newAttempt, workId } from '../stores/contract/builders.ts'
import { createSnapshotSource } from './snapshot-source.ts'

const now = (): number => NOW
const a = 'a' as SiteId

function openSource(changes = {}) {
  const { ledgers, health } = openLedgers([siteOf('a', changes), siteOf('b')], now)
  const ledger = ledgers.get(a)
  const own = health.get(a)
  if (!ledger || !own) throw new Error('the site a is missing')
  const source = createSnapshotSource({ locations: [], projects: [] }, ledgers, now)
  const statusOf = () => source.take(NOW).sites.find(({ site }) => site.id === a)?.status
  return { source, ledger, health: own, statusOf }
}

const sent = (number: number, changes = {}) => newAttempt(workId(number), { state: 'ACCEPTED', acceptedAt: NOW, ...changes })

describe('the ledger of a site', () => {
  it('begins with the small window of an unknown site', () => {
    expect(openSource().statusOf()).toMatchObject({ health: 'unknown', idle: 0, window: 2, running: 0, submitBreakerOpen: false })
  })

  it('counts tasks that are on their way as well as those that wait there', () => {
    const { ledger, statusOf } = openSource()
    ledger.count([sent(1), newAttempt(workId(2)), sent(3, { everRan: true, state: 'ACTIVE' })])
    expect(statusOf()).toMatchObject({ idle: 2, running: 1 })
  })

  it('counts a task from the moment it is placed there, whatever is looked at meanwhile', () => {
    const { ledger, source, statusOf } = openSource()
    const arrived = source.dispatched(a)
    expect(statusOf()?.idle).toBe(1)
    ledger.count([])
    expect(statusOf()?.idle).toBe(1)
    arrived(true)
    expect(statusOf()?.idle).toBe(1)
    const refused = source.dispatched(a)
    expect(statusOf()?.idle).toBe(2)
    refused(false)
    expect(statusOf()?.idle).toBe(1)
  })

  it('opens its window with every start and tells when a place is free', () => {
    const { ledger, statusOf } = openSource()
    expect(ledger.record(sent(1), sent(1, { state: 'ACTIVE', seen: 'QUEUED' }), NOW)).toBe(false)
    expect(ledger.record(sent(1), sent(1, { state: 'ACTIVE', everRan: true }), NOW + 3_000)).toBe(true)
    expect(statusOf()).toMatchObject({ window: 3, waitMs: 3_000 })
    const over = sent(1, { state: 'TERMINAL', everRan: true, end: { outcome: 'SYSTEM_ERROR', detail: '' } })
    expect(ledger.record(sent(1, { everRan: true }), over, NOW)).toBe(true)
    expect(statusOf()).toMatchObject({ failuresMilli: 1000, attemptsMilli: 1000 })
  })

  it('has a place free as soon as one starts or ends, before it counts again', () => {
    const { ledger, statusOf } = openSource()
    ledger.count([sent(1), sent(2), sent(3)])
    ledger.record(sent(1), sent(1, { state: 'ACTIVE', everRan: true }), NOW)
    expect(statusOf()).toMatchObject({ idle: 2, running: 1 })
    ledger.record(sent(2), sent(2, { state: 'REJECTED', end: { outcome: 'REJECTED', detail: '', rejection: 'busy' } }), NOW)
    expect(statusOf()).toMatchObject({ idle: 1, running: 1 })
    const over = { state: 'TERMINAL', everRan: true, end: { outcome: 'COMPLETE', detail: '' } } as const
    ledger.record(sent(1, { everRan: true }), sent(1, over), NOW)
    expect(statusOf()).toMatchObject({ idle: 1, running: 0 })
    ledger.record(sent(3), sent(3, over), NOW)
    expect(statusOf()).toMatchObject({ idle: 0, running: 0 })
  })

  it('halves its window when submissions fail, and not for one refused task', () => {
    const { ledger } = openSource()
    for (let i = 1; i < 9; i++) ledger.record(sent(i), sent(i, { everRan: true }), NOW)
    expect(ledger.window()).toBe(10)
    ledger.answered('submit', { kind: 'refused' })
    expect(ledger.window()).toBe(10)
    ledger.answered('submit', { kind: 'timeout' })
    expect(ledger.window()).toBe(5)
  })
})

describe('the picture of all sites', () => {
  it('has a policy version that follows from what was declared alone', () => {
    const one = openSource().source.take(NOW)
    expect(openSource().source.take(NOW + 5).policyVersion).toBe(one.policyVersion)
    expect(openSource({ draining: true }).source.take(NOW).policyVersion).not.toBe(one.policyVersion)
  })

  it('is the same plain and compiled', () => {
    const { source, ledger } = openSource()
    ledger.count([sent(1)])
    const compiled = source.compiled(NOW)
    expect(compiled.snapshot.sites).toEqual(source.take(NOW).sites)
    expect(compiled.sites.map(({ site, status }) => [site.id, status.idle])).toEqual([
      ['a', 1],
      ['b', 0],
    ])
  })

  it('knows who has room', () => {
    const { source, ledger, health } = openSource()
    expect(source.hasRoom(a)).toBe(true)
    ledger.count([sent(1), sent(2)])
    expect(source.hasRoom(a)).toBe(false)
    ledger.count([])
    for (let i = 0; i < 3; i++) health.record('submit', { kind: 'timeout' })
    expect(source.hasRoom(a)).toBe(false)
    expect(openSource({ draining: true }).source.hasRoom(a)).toBe(false)
    expect(source.hasRoom('nowhere' as SiteId)).toBe(false)
    expect(source.dispatched('nowhere' as SiteId)(true)).toBeUndefined()
  })
})
