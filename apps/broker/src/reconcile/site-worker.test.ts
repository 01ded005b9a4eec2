import type { Site, SiteTaskId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { openLedgers, openParts, type Parts, RULES, SILENT, siteOf } from '../../test/reconcile-parts.ts'
import { SYSTEM } from '../auth/principal.ts'
import { ADA, claim, decide, NOW, newAttempt, SITE } from '../stores/contract/builders.ts'
import { createLeaseHolder } from './lease.ts'
import { createRecorder } from './recorder.ts'
import type { SiteActions } from './site-actions.ts'
import { createSiteContact } from './site-contact.ts'
import { createSiteWorker } from './site-worker.ts'

/** A worker whose actions are told and do nothing but what the test says. */
function openWorker(parts: Parts, actions: Partial<SiteActions> = {}, site: Site = siteOf(SITE)) {
  const ledger = openLedgers([site], parts.now).ledgers.get(site.id)
  if (!ledger) throw new Error('the ledger is missing')
  const told: string[] = []
  const tell = (name: string) => async () => {
    told.push(name)
    return 'done' as const
  }
  const all: SiteActions = {
    offer: tell('offer'),
    sweep: tell('sweep'),
    read: tell('read'),
    look: tell('look'),
    withdraw: tell('withdraw'),
    apply: tell('apply'),
    ...actions,
  }
  const contact = createSiteContact()
  let wakes = 0
  let settles = 0
  const recorder = createRecorder(parts.store, RULES, parts.now, { changed: () => undefined, ended: () => undefined })
  const worker = createSiteWorker({
    site,
    store: parts.store,
    lease: createLeaseHolder(parts.store, `site:${site.id}`, 'one', 15_000, parts.now, SILENT),
    contact,
    ledger,
    actions: all,
    recorder: {
      ...recorder,
      settle: (lease, work) => {
        settles += 1
        return recorder.settle(lease, work)
      },
    },
    rules: RULES,
    now: parts.now,
    log: SILENT,
    wake: () => {
      wakes += 1
    },
  })
  const signal = new AbortController().signal
  return {
    contact,
    told,
    wakes: () => wakes,
    settles: () => settles,
    round: async () => {
      const next = await worker.round(signal)
      await worker.drain()
      return next
    },
  }
}

async function placed(parts: Parts, changes = {}) {
  const work = await parts.submit(ADA)
  const attempt = newAttempt(work, changes)
  await decide(parts.store, await claim(parts.store), attempt)
  return { work, attempt }
}

describe('the worker of a site', () => {
  it('begins a lease with a listing, and offers what was placed there', async () => {
    await using parts = await openParts()
    await placed(parts)
    const { round, told, wakes } = openWorker(parts)
    await round()
    expect(told.toSorted()).toEqual(['offer', 'sweep'])
    expect(wakes()).toBe(2)
  })

  it('does nothing while another replica works the site', async () => {
    await using parts = await openParts()
    await placed(parts)
    await claim(parts.store, `site:${SITE}`, 'another')
    const { round, told } = openWorker(parts)
    await round()
    expect(told).toEqual([])
  })

  it('starts nothing twice while it is under way', async () => {
    await using parts = await openParts()
    const { attempt } = await placed(parts)
    const { round, told, contact } = openWorker(parts)
    contact.inFlight.add(attempt.id)
    contact.sweeping = true
    await round()
    expect(told).toEqual([])
  })

  it('claims its lease anew after a write under it was refused, and forgets what it knew', async () => {
    await using parts = await openParts()
    const { round, contact } = openWorker(parts, { sweep: async () => 'fenced' })
    contact.unknownIds = true
    await round()
    parts.at += 60_000
    await round()
    expect(contact.leaseSince).toBe(parts.at)
    expect(contact.unknownIds).toBe(false)
  })

  it('rests for a moment after a failure that nobody foresaw, however often it is woken', async () => {
    await using parts = await openParts()
    let tries = 0
    const { round } = openWorker(parts, {
      sweep: async () => {
        tries += 1
        throw new Error('the disk is full')
      },
    })
    for (let i = 0; i < 50; i++) await round()
    expect(tries).toBe(1)
    parts.at += 1_001
    await round()
    expect(tries).toBe(2)
  })

  it('looks at a cancelled task only when its time has come, and says when that is', async () => {
    await using parts = await openParts()
    const silent = { state: 'STALE', silentSince: NOW, siteTaskId: 'x' as SiteTaskId, seen: 'RUNNING', acceptedAt: NOW } as const
    const { work } = await placed(parts, silent)
    await parts.store.execute({ kind: 'requestCancel', principal: ADA, id: work, now: NOW })
    const { round, settles } = openWorker(parts)
    expect(await round()).toBeLessThanOrEqual(NOW + RULES.lostAfterMs)
    expect(settles()).toBe(0)
    parts.at = NOW + RULES.lostAfterMs
    await round()
    expect(settles()).toBe(1)
    expect(parts.store.getWork(SYSTEM, work)?.state).toBe('CANCELED')
    await round()
    expect(settles()).toBe(1)
  })
})
