import {
  type AttemptId,
  type Decision,
  type ProjectId,
  type ProjectQuota,
  placeAttempt,
  type Site,
  type SiteId,
  type WorkId,
} from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { NOWHERE, openLedgers, openParts, type Parts, RULES, SILENT, siteOf } from '../../test/reconcile-parts.ts'
import { type Principal, SYSTEM } from '../auth/principal.ts'
import { createMemoryBus } from '../bus/bus-memory.ts'
import type { Locator } from '../data/locator.ts'
import { ADA, BOB, claim, end, NOW, PROJECT, step, transition } from '../stores/contract/builders.ts'
import { type Store, StoreUnavailable } from '../stores/store.ts'
import { createDecisionArchive } from './decision-archive.ts'
import { createDispatcher } from './dispatcher.ts'
import { createHeldWork } from './held-work.ts'
import { createLeaseHolder } from './lease.ts'
import { createOfferGuard } from './offer-guard.ts'
import { createProjectUse } from './project-use.ts'
import { createSnapshotSource } from './snapshot-source.ts'
import { createTaskSight, openTaskSight } from './task-sight.ts'
import { createUnanswered } from './unanswered.ts'
import { createWorkQueue } from './work-queue.ts'

const ANOTHER = 'another' as ProjectId
const NOTHING = (): void => undefined

function openDispatcher(
  parts: Parts,
  sites: readonly Site[],
  store: Store = parts.store,
  locator: Locator = NOWHERE,
  quota?: ProjectQuota,
) {
  const projects = [{ id: PROJECT, quota }, { id: ANOTHER }]
  const { ledgers, health } = openLedgers(sites, parts.now)
  const snapshots = createSnapshotSource({ locations: [], projects }, ledgers, parts.now)
  const archive = createDecisionArchive(store, parts.now)
  const unanswered = createUnanswered()
  let attempts = 0
  let looks = 0
  const counted: Locator = {
    find: url => locator.find(url),
    locate: (inputs, budget) => {
      looks += 1
      return locator.locate(inputs, budget)
    },
  }
  const dispatcher = createDispatcher({
    store,
    locator: counted,
    bus: createMemoryBus(),
    lease: createLeaseHolder(store, 'dispatch', 'one', 15_000, parts.now, SILENT),
    snapshots,
    use: createProjectUse(projects, store, parts.now),
    sights: createTaskSight(snapshots.take(parts.now())),
    archive,
    queue: createWorkQueue(store, parts.now),
    held: createHeldWork(parts.now),
    guard: createOfferGuard(locator, snapshots, openTaskSight, parts.now),
    unanswered,
    rules: RULES,
    newAttemptId: () => `a${String(++attempts).padStart(6, '0')}` as AttemptId,
    newNonce: () => 'nonce',
    tagKeyId: () => 'key',
    now: parts.now,
    log: SILENT,
    observer: { decided: NOTHING, taskEnded: NOTHING, attemptEnded: NOTHING, offered: NOTHING, swept: NOTHING },
  })
  const idleSignal = new AbortController().signal
  return {
    round: () => dispatcher.round(idleSignal),
    unanswered,
    ledgerOf: (id: string) => ledgers.get(id as SiteId),
    healthOf: (id: string) => health.get(id as SiteId),
    looks: () => looks,
    recall: (id: WorkId): Decision | undefined => {
      const document = parts.store.getDocument(SYSTEM, id)
      return document?.decisionText === undefined ? undefined : archive.unpack(document.decisionText, document.documentText)
    },
  }
}

const attemptsOf = (parts: Parts, id: WorkId) => parts.store.getAttempts(SYSTEM, id)
const stateOf = (parts: Parts, id: WorkId) => parts.store.getWork(SYSTEM, id)?.state
const notesOf = (parts: Parts, id: WorkId): string => parts.store.getDocument(SYSTEM, id)?.notes.join('\n') ?? ''
const narrow = (id: string) => siteOf(id, { limits: { requestsPerSecond: 50, maxIdleTasks: 1, maxDocumentBytes: 262_144 } })

describe('the dispatcher', () => {
  it('gives work a site, and keeps the decision with it', async () => {
    await using parts = await openParts()
    const { round, recall } = openDispatcher(parts, [siteOf('a')])
    const id = await parts.submit(ADA)
    await round()
    expect(attemptsOf(parts, id)).toMatchObject([{ site: 'a', state: 'PLACED', number: 1, nonce: 'nonce', tagKeyId: 'key' }])
    expect(recall(id)).toMatchObject({ outcome: 'placed', chosen: 'a' })
    await round()
    expect(attemptsOf(parts, id)).toHaveLength(1)
  })

  it('decides nothing about a create that is not answered, nor about one that is held, and cancels only what was held in vain', async () => {
    await using parts = await openParts()
    const { round, unanswered } = openDispatcher(parts, [siteOf('a')])
    const [answered, abandoned] = [await parts.submit(ADA), await parts.submit(ADA)]
    for (const id of [answered, abandoned]) unanswered.begin(id)
    await round()
    expect([attemptsOf(parts, answered), attemptsOf(parts, abandoned)]).toEqual([[], []])
    await parts.store.execute({ kind: 'hold', principal: ADA, id: abandoned, until: NOW + 30_000 })
    for (const id of [answered, abandoned]) unanswered.end(id)
    parts.at = NOW + 29_000
    await round()
    expect([attemptsOf(parts, answered).length, attemptsOf(parts, abandoned).length]).toEqual([1, 0])
    expect(stateOf(parts, abandoned)).toBe('QUEUED')
    parts.at = NOW + 40_000
    await round()
    parts.at = NOW + 50_000
    await round()
    expect([stateOf(parts, abandoned), attemptsOf(parts, abandoned)]).toEqual(['CANCELED', []])
  })

  it('leaves a create alone that is held after it was listed', async () => {
    await using parts = await openParts()
    const id = await parts.submit(ADA)
    const getWork: Store['getWork'] = (...asked) => {
      const row = parts.store.getWork(...asked)
      return row && { ...row, holdUntil: NOW + 30_000 }
    }
    const { round } = openDispatcher(parts, [siteOf('a')], { ...parts.store, getWork })
    await round()
    expect(parts.store.getWork(SYSTEM, id)?.cancelRequestedAt).toBeUndefined()
    expect(attemptsOf(parts, id)).toEqual([])
  })

  it('ends what no site may ever run, with all reasons', async () => {
    await using parts = await openParts()
    const { round } = openDispatcher(parts, [siteOf('a', { policy: { images: { digest: 'required' } } })])
    const id = await parts.submit(ADA)
    await round()
    expect(stateOf(parts, id)).toBe('SYSTEM_ERROR')
    expect(notesOf(parts, id)).toContain('IMAGE_NOT_PINNED')
  })

  it('looks at what waits only when a site has room, or after a while', async () => {
    await using parts = await openParts()
    const { round, looks, ledgerOf } = openDispatcher(parts, [narrow('a')])
    const [first, second] = [await parts.submit(ADA), await parts.submit(ADA)]
    await round()
    expect([attemptsOf(parts, first).length, attemptsOf(parts, second).length]).toEqual([1, 0])
    expect(notesOf(parts, second)).toContain('waiting')
    expect(looks()).toBe(2)
    for (let i = 0; i < 5; i++) await round()
    expect(looks()).toBe(2)
    ledgerOf('a')?.count([])
    await round()
    expect(attemptsOf(parts, second)).toHaveLength(1)
    expect(notesOf(parts, second)).not.toContain('waiting')
  })

  it('sends no more of a project than its quota, keeps the rest with the reason, and goes on as soon as one ends', async () => {
    await using parts = await openParts()
    const { round, recall, ledgerOf } = openDispatcher(parts, [siteOf('a')], parts.store, NOWHERE, { queued: 2 })
    const own = [await parts.submit(ADA), await parts.submit(BOB), await parts.submit(ADA), await parts.submit(ADA)]
    const other = await parts.submit(ADA, { project: ANOTHER })
    const begun = () => own.map(id => attemptsOf(parts, id).length)
    for (let i = 0; i < 3; i++) {
      await round()
      ledgerOf('a')?.count([])
      parts.at += 1_000
    }
    expect(begun().filter(count => count > 0)).toHaveLength(2)
    expect(attemptsOf(parts, other)).toHaveLength(1)
    const waiting = own.filter(id => attemptsOf(parts, id).length === 0)
    for (const id of waiting) {
      expect(notesOf(parts, id)).toContain('QUOTA')
      expect(recall(id)).toMatchObject({ outcome: 'hold', counts: { pass: 0, QUOTA: 1 } })
      expect(JSON.stringify(recall(id))).toContain('has 2 tasks at sites, and its quota is 2')
    }
    const ending = own.find(id => attemptsOf(parts, id).length > 0)
    const [attempt] = ending === undefined ? [] : attemptsOf(parts, ending)
    if (!attempt) throw new Error('Nothing was sent')
    const lease = await claim(parts.store, 'site:a', 'one', parts.at)
    await transition(parts.store, lease, [step(attempt, { state: 'REJECTED', endedAt: parts.at, end: { outcome: 'UNSENT', detail: '' } })])
    await end(parts.store, lease, attempt.work)
    parts.at += 1_000
    await round()
    expect(waiting.filter(id => attemptsOf(parts, id).length > 0)).toHaveLength(1)
  })

  it('lets nobody starve behind a thousand tasks of another, even where one place is free at a time (I12)', async () => {
    await using parts = await openParts()
    const { round, ledgerOf } = openDispatcher(parts, [narrow('a')])
    const greedy = await Promise.all(Array.from({ length: 1_000 }, () => parts.submit(ADA)))
    const modest = [await parts.submit(BOB), await parts.submit(BOB)]
    const other = await parts.submit(ADA, { project: ANOTHER })
    for (let i = 0; i < 6; i++) {
      await round()
      ledgerOf('a')?.count([])
    }
    const begun = (ids: readonly WorkId[]): number => ids.filter(id => attemptsOf(parts, id).length > 0).length
    expect([begun(modest), begun([other]), begun(greedy)]).toEqual([2, 1, 3])
  })

  it('ends cancelled work at once, also while it waits', async () => {
    await using parts = await openParts()
    const { round } = openDispatcher(parts, [siteOf('a', { draining: true })])
    const id = await parts.submit(ADA)
    await round()
    await parts.store.execute({ kind: 'requestCancel', principal: ADA, id, now: NOW })
    await round()
    expect(stateOf(parts, id)).toBe('CANCELED')
    expect(attemptsOf(parts, id)).toEqual([])
  })

  it('does not cancel what its client claims in the moment that its hold passes', async () => {
    await using parts = await openParts()
    const id = await parts.submit(ADA)
    const getWork: Store['getWork'] = (...asked) => {
      const row = parts.store.getWork(...asked)
      return row && { ...row, holdUntil: NOW - 1 }
    }
    const { round } = openDispatcher(parts, [siteOf('a')], { ...parts.store, getWork })
    await round()
    expect(parts.store.getWork(SYSTEM, id)?.cancelRequestedAt).toBeUndefined()
  })

  it('is not held up by one task that cannot be understood', async () => {
    await using parts = await openParts()
    const locator: Locator = {
      find: url => NOWHERE.find(url),
      locate: (inputs, budget) =>
        inputs.some(({ url }) => url.includes('poison')) ? Promise.reject(new Error('unforeseen')) : NOWHERE.locate(inputs, budget),
    }
    const { round, looks } = openDispatcher(parts, [siteOf('a')], parts.store, locator)
    const documentText = JSON.stringify({
      inputs: [{ url: 'https://poison.example.org/', path: '/x' }],
      executors: [{ image: 'i', command: ['c'] }],
    })
    await parts.submit(ADA, { documentText })
    const good = await parts.submit(ADA)
    await round()
    expect(attemptsOf(parts, good)).toHaveLength(1)
    const before = looks()
    await round()
    expect(looks()).toBe(before)
  })

  it('stops where the store cannot write, and goes on as if nothing had been when it can', async () => {
    await using parts = await openParts()
    let down = true
    const store = new Proxy(parts.store, {
      get: (target, key) =>
        key === 'execute' && down ? () => Promise.reject(new StoreUnavailable('the disk is full')) : Reflect.get(target, key, target),
    })
    const { round } = openDispatcher(parts, [siteOf('a')], store)
    const id = await parts.submit(ADA)
    await expect(round()).rejects.toThrow(StoreUnavailable)
    down = false
    await round()
    expect(attemptsOf(parts, id)).toHaveLength(1)
  })

  it('does not list a long queue again for every task that comes', async () => {
    await using parts = await openParts()
    let lists = 0
    const store = new Proxy(parts.store, {
      get: (target, key) => {
        if (key !== 'listDue') return Reflect.get(target, key, target)
        lists += 1
        parts.at += 50
        return target.listDue.bind(target)
      },
    })
    const { round } = openDispatcher(parts, [siteOf('a')], store)
    const id = await parts.submit(ADA)
    const nextAt = await round()
    for (let i = 0; i < 10; i++) expect(await round()).toBe(NOW + 500)
    expect([lists, nextAt]).toEqual([1, NOW + 1_050])
    expect(attemptsOf(parts, id)).toHaveLength(1)
    parts.at = NOW + 500
    await round()
    expect(lists).toBe(2)
  })

  it('does nothing while another replica dispatches', async () => {
    await using parts = await openParts()
    await parts.store.execute({ kind: 'claimLease', principal: SYSTEM, name: 'dispatch', owner: 'another', ttlMs: 15_000, now: NOW })
    const id = await parts.submit(ADA)
    await openDispatcher(parts, [siteOf('a')]).round()
    expect(attemptsOf(parts, id)).toEqual([])
  })
})

describe('work that its site surely did not get', () => {
  /** One attempt at `far`, reconciled absent. */
  async function absentAt(parts: Parts, principal: Principal): Promise<WorkId> {
    const id = await parts.submit(principal)
    const lease = await parts.store.execute({
      kind: 'claimLease',
      principal: SYSTEM,
      name: 'site:far',
      owner: 'one',
      ttlMs: 15_000,
      now: NOW,
    })
    if (lease.outcome !== 'claimed') throw new Error('the lease is taken')
    const attempt = placeAttempt({
      id: 'absent' as AttemptId,
      work: id,
      site: 'far' as SiteId,
      number: 1,
      nonce: 'n',
      tagKeyId: 'k',
      epoch: lease.epoch,
      at: NOW,
    })
    await parts.store.execute({
      kind: 'decide',
      principal: SYSTEM,
      lease: { name: 'site:far', owner: 'one', epoch: lease.epoch },
      work: { id, expectedVersion: 1, countsAttempt: attempt.id, countsSite: attempt.site },
      attempt: { ...attempt, state: 'ABSENT', end: { outcome: 'ABSENT', detail: '' }, endedAt: NOW },
      now: NOW,
    })
    return id
  }
  const sites = [siteOf('near', { network: { defaultMbps: 10_000, from: {} } }), siteOf('far')]

  it('is sent there again first, by a decision that is recalled as it was taken', async () => {
    await using parts = await openParts()
    const { round, recall } = openDispatcher(parts, sites)
    const id = await absentAt(parts, ADA)
    await round()
    expect(attemptsOf(parts, id).map(({ site }) => site)).toEqual(['far', 'far'])
    expect(recall(id)?.sites.find(site => site.id === 'near')?.reasons[0]?.detail).toContain('sent again to the same site first')
    expect(recall(id)?.chosen).toBe('far')
  })

  it('goes elsewhere if that site fails submissions', async () => {
    await using parts = await openParts()
    const { round, recall, healthOf } = openDispatcher(parts, sites)
    for (let i = 0; i < 3; i++) healthOf('far')?.record('submit', { kind: 'timeout' })
    const id = await absentAt(parts, ADA)
    await round()
    expect(attemptsOf(parts, id).map(({ site }) => site)).toEqual(['far', 'near'])
    expect(recall(id)).toMatchObject({ chosen: 'near', counts: { pass: 1, BREAKER_OPEN: 1 } })
  })
})
