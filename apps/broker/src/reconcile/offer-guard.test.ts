import type { AttemptId, Location, LocationId, Project, SiteId, SitePolicy } from '@portolan/federation'
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
const attempt = { id: 'a1' as AttemptId, site: 'a' as SiteId }

function openGuard(policy: SitePolicy, project: Project = { id: PROJECT }, locations: readonly Location[] = []) {
  const clock = { at: NOW }
  let looks = 0
  const locator: Locator = {
    find: url => NOWHERE.find(url),
    locate: (inputs, budget) => {
      looks += 1
      return NOWHERE.locate(inputs, budget)
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
    expect(await guard.forbids(task, row, attempt)).toContain('IMAGE_NOT_PINNED: ')
  })

  it('T03 says it in words that name no more than the project of the task may know', async () => {
    const hidden: Location = {
      id: 'hidden' as LocationId,
      country: 'NL',
      kind: 's3',
      readableFrom: ['b' as SiteId],
      prefixes: [{ url: 's3://hidden/', sensitivity: 'public', access: 'share', residency: ['NL'], outputs: true }],
    }
    const { guard } = openGuard({ images: { digest: 'required' } }, { id: PROJECT, sites: ['a' as SiteId] }, [hidden])
    const written: TesTask = { ...task, outputs: [{ url: 's3://hidden/out', path: '/out' }] }
    const why = await guard.forbids(written, row, attempt)
    expect(why).toContain('RESIDENCY: a prefix at a location that is not for your projects')
    expect(why).not.toContain('hidden')
  })

  it('lets pass what the policy admits, and what only has no room now', async () => {
    const { guard, ledgers } = openGuard({})
    expect(await guard.forbids(task, row, attempt)).toBeUndefined()
    ledgers.get(attempt.site)?.count([1, 2, 3].map(number => newAttempt(workId(number))))
    expect(await guard.forbids(task, row, attempt)).toBeUndefined()
  })

  it('holds back what the site does not take at present', async () => {
    expect(await openGuard({ frozen: true }).guard.forbids(task, row, attempt)).toContain('FROZEN: ')
  })

  it('does not look again at what this process has just decided', async () => {
    const { guard, looks } = openGuard({})
    guard.trust(attempt.id, PROJECT)
    expect(await guard.forbids(task, row, attempt)).toBeUndefined()
    expect(looks()).toBe(0)
    guard.forget(attempt.id)
    await guard.forbids(task, row, attempt)
    expect(looks()).toBe(1)
  })

  it('looks again when the project’s last day is over since', async () => {
    const { guard, clock } = openGuard({}, { id: PROJECT, untilMs: NOW + 1_000 })
    guard.trust(attempt.id, PROJECT)
    expect(await guard.forbids(task, row, attempt)).toBeUndefined()
    clock.at += 1_001
    expect(await guard.forbids(task, row, attempt)).toContain('PROJECT_NOT_ADMITTED')
  })
})
