import type { AttemptId, Location, LocationId, Project, Replica, SiteId, SitePolicy } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { NOWHERE, openLedgers, siteOf } from '../../test/reconcile-parts.ts'
import type { Locator } from '../data/locator.ts'
import { NOW, newAttempt, PROJECT, workId } from '../stores/contract/builders.ts'
import type { WorkRow } from '../stores/store.ts'
import { createOfferGuard } from './offer-guard.ts'
import { createSnapshotSource } from './snapshot-source.ts'
import { createTaskSight } from './task-sight.ts'

const task: TesTask = { executors: [{ image: 'alpine', command: ['true'] }] }
const row: WorkRow = {
  id: workId(1),
  kind: 'task',
  owner: { issuer: 'i', subject: 's' },
  project: PROJECT,
  name: undefined,
  tags: {},
  state: 'QUEUED',
  version: 1,
  createdAt: NOW,
  rerunnable: false,
}
const admitted = { outcome: 'admitted', task, staging: { forms: [], wishes: [], looks: [] } }
const forbidden = (code: string) => ({ outcome: 'forbidden', why: expect.stringContaining(code) })
const { signal } = new AbortController()
const attempt = { id: 'a1' as AttemptId, site: 'a' as SiteId }

function openGuard(
  policy: SitePolicy,
  project: Project = { id: PROJECT },
  { locations = [], knows = NOWHERE }: { readonly locations?: readonly Location[]; readonly knows?: Locator } = {},
) {
  const clock = { at: NOW }
  let looks = 0
  const locator: Locator = {
    find: url => knows.find(url),
    locate: (inputs, budget) => {
      looks += 1
      return knows.locate(inputs, budget)
    },
  }
  const { ledgers } = openLedgers([siteOf('a', { policy }), siteOf('b')], () => clock.at)
  const snapshots = createSnapshotSource({ locations, projects: [project] }, ledgers, () => clock.at)
  return {
    clock,
    ledgers,
    looks: () => looks,
    guard: createOfferGuard(locator, snapshots, createTaskSight(snapshots.take(NOW)), () => clock.at),
  }
}

describe('the last look before a task leaves (I9)', () => {
  it('says what the policy of the site forbids', async () => {
    const { guard } = openGuard({ images: { digest: 'required' } })
    expect(await guard.judge(task, row, attempt, signal)).toEqual(forbidden('IMAGE_NOT_PINNED: '))
  })

  it('lets pass what the policy admits, and what only has no room now', async () => {
    const { guard, ledgers } = openGuard({})
    expect(await guard.judge(task, row, attempt, signal)).toEqual(admitted)
    ledgers.get(attempt.site)?.count([1, 2, 3].map(number => newAttempt(workId(number))))
    expect(await guard.judge(task, row, attempt, signal)).toEqual(admitted)
  })

  it('holds back what the site does not take at present', async () => {
    expect(await openGuard({ frozen: true }).guard.judge(task, row, attempt, signal)).toEqual(forbidden('FROZEN: '))
  })

  it('does not look again at what this process has just decided', async () => {
    const { guard, looks } = openGuard({})
    guard.trust(attempt.id, PROJECT)
    expect(await guard.judge(task, row, attempt, signal)).toEqual(admitted)
    expect(looks()).toBe(0)
    guard.forget(attempt.id)
    await guard.judge(task, row, attempt, signal)
    expect(looks()).toBe(1)
  })

  it('looks again when the project’s last day is over since', async () => {
    const { guard, clock } = openGuard({}, { id: PROJECT, untilMs: NOW + 1_000 })
    guard.trust(attempt.id, PROJECT)
    expect(await guard.judge(task, row, attempt, signal)).toEqual(admitted)
    clock.at += 1_001
    expect(await guard.judge(task, row, attempt, signal)).toEqual(forbidden('PROJECT_NOT_ADMITTED'))
  })
})

const STORE = 'store' as LocationId
const store: Location = {
  id: STORE,
  country: 'DE',
  kind: 's3',
  links: true,
  pathMaps: [{ from: '/nfs/work/', to: 's3://store/work/' }],
  prefixes: [{ url: 's3://store/', sensitivity: 'public', access: 'share' }],
}
/** Everything lies where this says. */
const lyingAt = (...replicas: readonly Replica[]): Locator => ({
  find: url => [{ location: STORE, url }],
  locate: async inputs => inputs.map(() => ({ replicas, bytes: 1, files: 1, assumed: false })),
})
const reads = (url: string): TesTask => ({ ...task, inputs: [{ path: '/in', url }] })

describe('how the site gets its inputs', () => {
  it('is planned with the rules of this moment, also for what this process has just decided', async () => {
    const url = 's3://store/work/x'
    const { guard, looks } = openGuard({}, undefined, { locations: [store], knows: lyingAt({ location: STORE, url }) })
    guard.trust(attempt.id, PROJECT)
    expect(await guard.judge(reads('/nfs/work/x'), row, attempt, signal)).toMatchObject({
      outcome: 'admitted',
      task: { inputs: [{ path: '/in', url }] },
      staging: {
        forms: [{ kind: 'link', url, location: STORE }],
        wishes: [{ path: '/in', url, location: STORE, directory: false }],
      },
    })
    expect(looks()).toBe(1)
  })

  it('is nothing where the data has come under a rule since that keeps it from the site', async () => {
    const moved: Location = {
      ...store,
      id: 'moved' as LocationId,
      pathMaps: [],
      prefixes: [{ url: 's3://moved/', sensitivity: 'public', access: 'share', residency: ['NL'] }],
    }
    const { guard } = openGuard({}, undefined, {
      locations: [store, moved],
      knows: lyingAt({ location: moved.id, url: 's3://moved/x' }),
    })
    guard.trust(attempt.id, PROJECT)
    expect(await guard.judge(reads('s3://store/x'), row, attempt, signal)).toEqual(forbidden('RESIDENCY'))
  })

  it('T03 is refused in words that name no more than the project of the task may know', async () => {
    const hidden: Location = {
      id: 'hidden' as LocationId,
      country: 'NL',
      kind: 's3',
      readableFrom: ['b' as SiteId],
      prefixes: [{ url: 's3://hidden/', sensitivity: 'public', access: 'share', residency: ['NL'] }],
    }
    const { guard } = openGuard(
      {},
      { id: PROJECT, sites: ['a' as SiteId] },
      {
        locations: [store, hidden],
        knows: lyingAt({ location: hidden.id, url: 's3://hidden/x' }),
      },
    )
    const judged = await guard.judge(reads('s3://store/x'), row, attempt, signal)
    expect(judged).toEqual(forbidden('RESIDENCY'))
    expect(JSON.stringify(judged)).not.toContain('hidden')
  })
})
