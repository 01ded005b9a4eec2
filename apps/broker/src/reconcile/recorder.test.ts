import type { AttemptEvent, SiteTaskId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { openParts, type Parts, RULES } from '../../test/reconcile-parts.ts'
import { SYSTEM } from '../auth/principal.ts'
import { ADA, claim, decide, NOW, newAttempt } from '../stores/contract/builders.ts'
import type { Store } from '../stores/store.ts'
import { createRecorder, type RecordListener } from './recorder.ts'

const DEAF: RecordListener = { changed: () => undefined, ended: () => undefined }

const see: AttemptEvent = { kind: 'see', at: NOW, state: 'RUNNING' }

/** A task with an attempt that its site has accepted, and who is told of what is recorded. */
async function begin(parts: Parts, store: Store = parts.store) {
  const work = await parts.submit(ADA)
  const lease = await claim(parts.store)
  const attempt = newAttempt(work, { state: 'ACCEPTED', siteTaskId: `at-site-${work}` as SiteTaskId, acceptedAt: NOW })
  await decide(parts.store, lease, attempt)
  const told: string[] = []
  const recorder = createRecorder(store, RULES, parts.now, {
    changed: (_, before, after, fate) => void told.push(`${before?.state} → ${after.state}, ${fate.state}`),
    ended: state => void told.push(`ended ${state}`),
  })
  return { work, lease, attempt, recorder, told, stateOf: () => parts.store.getWork(SYSTEM, work)?.state }
}

/** The store, but for each transition something else is written first. */
function disturbed(store: Store, disturb: () => Promise<unknown>): Store {
  const execute: Store['execute'] = async command => {
    if (command.kind === 'transition' || command.kind === 'sweepDiff') await disturb()
    return await store.execute(command)
  }
  return new Proxy(store, {
    get: (target, key) => (key === 'execute' ? execute : Reflect.get(target, key, target)),
  })
}

describe('recording what happened', () => {
  it('writes attempt and work item, then tells', async () => {
    await using parts = await openParts()
    const { recorder, lease, work, attempt, told, stateOf } = await begin(parts)
    expect(await recorder.record(lease, work, attempt.id, [see])).toMatchObject({ outcome: 'done', fate: { state: 'RUNNING' } })
    expect(stateOf()).toBe('RUNNING')
    expect(told).toEqual(['ACCEPTED → ACTIVE, RUNNING'])
  })

  it('writes nothing and tells nobody if nothing changes', async () => {
    await using parts = await openParts()
    const { recorder, lease, work, attempt, told } = await begin(parts)
    await recorder.record(lease, work, attempt.id, [see])
    expect(await recorder.record(lease, work, attempt.id, [see])).toEqual({ outcome: 'unchanged' })
    expect(told).toHaveLength(1)
  })

  it('reads again when somebody else wrote in between, and keeps what that was', async () => {
    await using parts = await openParts()
    let disturbances = 0
    const setUp = await begin(parts)
    const store = disturbed(parts.store, async () => {
      disturbances += 1
      if (disturbances > 1) return
      await parts.store.execute({ kind: 'requestCancel', principal: SYSTEM, id: setUp.work, now: NOW })
      await setUp.recorder.record(setUp.lease, setUp.work, setUp.attempt.id, [{ kind: 'wantCancel', at: NOW }])
    })
    const recorder = createRecorder(store, RULES, parts.now, DEAF)
    expect(await recorder.record(setUp.lease, setUp.work, setUp.attempt.id, [see])).toMatchObject({ outcome: 'done' })
    expect(disturbances).toBe(2)
    expect(parts.store.getAttempts(SYSTEM, setUp.work)[0]).toMatchObject({ state: 'ACTIVE', seen: 'RUNNING', cancelWantedAt: NOW })
  })

  it('gives up after some tries, and says so', async () => {
    await using parts = await openParts()
    const { lease, work, attempt, recorder } = await begin(parts)
    let at = NOW
    const store = disturbed(parts.store, () => recorder.record(lease, work, attempt.id, [{ kind: 'cancelSent', at: ++at }]))
    const told: string[] = []
    const unlucky = createRecorder(store, RULES, parts.now, { ...DEAF, changed: () => void told.push('told') })
    expect(await unlucky.record(lease, work, attempt.id, [see])).toEqual({ outcome: 'conflict' })
    expect(told).toEqual([])
  })

  it('writes nothing under a lease that another has taken (I6)', async () => {
    await using parts = await openParts()
    const { recorder, lease, work, attempt, told, stateOf } = await begin(parts)
    await claim(parts.store, 'dispatch', 'another', NOW + 20_000)
    expect(await recorder.record(lease, work, attempt.id, [see])).toEqual({ outcome: 'fenced' })
    expect(
      await recorder.recordSweep(lease, [
        { work, attempt: attempt.id, version: parts.store.getAttempts(SYSTEM, work)[0]?.version ?? 0, events: [see] },
      ]),
    ).toBe('fenced')
    expect(stateOf()).toBe('QUEUED')
    expect(told).toEqual([])
  })

  it('takes nothing of a sweep that was compared with what is no longer so', async () => {
    await using parts = await openParts()
    const { recorder, lease, work, attempt } = await begin(parts)
    const version = parts.store.getAttempts(SYSTEM, work)[0]?.version ?? 0
    await recorder.record(lease, work, attempt.id, [{ kind: 'vanish', at: NOW }])
    const gone = { work, attempt: attempt.id, version, events: [{ kind: 'vanish', at: NOW } as const] }
    expect(await recorder.recordSweep(lease, [gone])).toBe('partly')
    expect(parts.store.getAttempts(SYSTEM, work)[0]?.state).toBe('SUSPECT')
  })

  it('takes of a sweep what still holds, and leaves the rest for the next', async () => {
    await using parts = await openParts()
    const one = await begin(parts)
    const two = await begin(parts)
    let first = true
    const store = disturbed(parts.store, async () => {
      if (first) await one.recorder.record(two.lease, one.work, one.attempt.id, [{ kind: 'wantCancel', at: NOW }])
      first = false
    })
    const told: string[] = []
    const recorder = createRecorder(store, RULES, parts.now, { ...DEAF, changed: (_, __, after) => void told.push(after.id) })
    const changes = [one, two].map(({ work, attempt }) => ({
      work,
      attempt: attempt.id,
      version: parts.store.getAttempts(SYSTEM, work)[0]?.version ?? 0,
      events: [see],
    }))
    expect(await recorder.recordSweep(two.lease, changes)).toBe('partly')
    expect([one.stateOf(), two.stateOf()]).toEqual(['QUEUED', 'RUNNING'])
    expect(told).toEqual([two.attempt.id])
  })
})
