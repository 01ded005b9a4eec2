import { createFakeSite, type FakeSite } from '@portolan/tes/testing'
import { describe, expect, it, vi } from 'vitest'
import { until } from '../harness/until.ts'
import { type FakeFederation, openFederation, sweeps, TEST_TIMEOUT_MS } from './fake-federation.ts'

vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })

const RERUNNABLE = { tags: { portolan_rerunnable: 'true' } }

/** Every request is cut from now on. */
function goDown({ script }: FakeSite): void {
  script.add('any', { do: 'hang-up' }, { times: Number.POSITIVE_INFINITY })
}

/** A running task, the site that has it, and the other one. */
async function runOne(federation: FakeFederation, sites: readonly [FakeSite, FakeSite], tags = {}) {
  const id = await federation.submit(tags)
  await until('a site has it', () => sites.some(({ tasks }) => tasks.size === 1))
  const [one, two] = sites
  const [chosen, other] = one.tasks.size === 1 ? [one, two] : [two, one]
  chosen.advance(2)
  await federation.reach(id, 'RUNNING')
  return { id, chosen, other }
}

describe('a site that forgets a running task', () => {
  it('ends it with SYSTEM_ERROR, for it may have done its work', async () => {
    await using one = await createFakeSite({ progress: 'manual' })
    await using two = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: one, bonn: two })
    await federation.start()
    const { id, chosen, other } = await runOne(federation, [one, two])
    chosen.forget()
    await federation.reach(id, 'SYSTEM_ERROR')
    await federation.stop()
    expect([chosen.tasks.size, other.tasks.size]).toEqual([0, 0])
    expect(await federation.attempts(id)).toMatchObject([{ state: 'MISSING' }])
  })

  it('is followed by another site if the task is marked rerunnable', async () => {
    await using one = await createFakeSite({ progress: 'manual' })
    await using two = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: one, bonn: two })
    await federation.start()
    const { id, chosen, other } = await runOne(federation, [one, two], RERUNNABLE)
    chosen.forget()
    await until('the other site has it', () => other.tasks.size === 1)
    other.advance(3)
    await federation.reach(id, 'COMPLETE')
    await federation.stop()
    expect(await federation.attempts(id)).toMatchObject([{ state: 'MISSING' }, { state: 'TERMINAL', end: { outcome: 'COMPLETE' } }])
  })
})

describe('a site that shows an empty list', () => {
  it('is not believed: no task is missing, and each ends as the site says later', async () => {
    await using site = await createFakeSite({ progress: 'manual', steps: () => ['RUNNING', 'COMPLETE'] })
    await using federation = await openFederation({ berlin: site })
    await federation.start()
    const ids = await Promise.all(Array.from({ length: 6 }, () => federation.submit()))
    for (const id of ids) await federation.reach(id, 'RUNNING')
    const lists = 5
    site.script.add('list', { do: 'answer', status: 200, body: { tasks: [] } }, { times: lists })
    await sweeps(site, lists + 1)
    for (const id of ids) expect((await federation.client.getTask(id)).state).toBe('RUNNING')
    site.advance()
    for (const id of ids) await federation.reach(id, 'COMPLETE')
    await federation.stop()
    for (const id of ids) expect(await federation.attempts(id)).toMatchObject([{ number: 1, state: 'TERMINAL' }])
    expect(site.tasks.size).toBe(ids.length)
  })
})

describe('a site that falls silent', () => {
  it('keeps a task that is not marked rerunnable, and ends it when it comes back', async () => {
    await using one = await createFakeSite({ progress: 'manual' })
    await using two = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: one, bonn: two })
    await federation.start()
    const { id, chosen, other } = await runOne(federation, [one, two])
    goDown(chosen)
    await until('the broker says so', async () => {
      const { logs } = await federation.client.getTask(id, { view: 'FULL' })
      return logs?.at(-1)?.system_logs?.some(line => line.includes('has not answered'))
    })
    expect((await federation.client.getTask(id)).state).toBe('RUNNING')
    chosen.script.clear()
    chosen.advance()
    await federation.reach(id, 'COMPLETE')
    await federation.stop()
    expect([chosen.tasks.size, other.tasks.size]).toEqual([1, 0])
  })

  it('loses a rerunnable task to another site, and the old one is cancelled when it comes back', async () => {
    await using one = await createFakeSite({ progress: 'manual' })
    await using two = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: one, bonn: two })
    await federation.start()
    const { id, chosen, other } = await runOne(federation, [one, two], RERUNNABLE)
    goDown(chosen)
    await until('the other site has it', () => other.tasks.size === 1)
    other.advance(3)
    await federation.reach(id, 'COMPLETE')
    chosen.script.clear()
    const old = [...chosen.tasks.values()][0]
    await until('the old one is cancelled', () => old?.state === 'CANCELED')
    expect((await federation.client.getTask(id)).state).toBe('COMPLETE')
    await federation.stop()
    expect(await federation.attempts(id)).toMatchObject([
      { number: 1, end: { outcome: 'GIVEN_UP' } },
      { number: 2, state: 'TERMINAL', end: { outcome: 'COMPLETE' } },
    ])
  })
})

describe('a cancel', () => {
  it('that races the end loses: what the site did counts', async () => {
    await using one = await createFakeSite({ progress: 'manual' })
    await using two = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: one, bonn: two })
    await federation.start()
    const { id, chosen } = await runOne(federation, [one, two])
    chosen.advance()
    await federation.client.cancelTask(id)
    await federation.reach(id, 'COMPLETE')
  })

  it('is shown when the site has confirmed it', async () => {
    await using one = await createFakeSite({ progress: 'manual' })
    await using two = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: one, bonn: two })
    await federation.start()
    const { id, chosen, other } = await runOne(federation, [one, two])
    chosen.script.add('cancel', { do: 'answer', status: 503 })
    await federation.client.cancelTask(id)
    await federation.reach(id, 'CANCELED')
    expect([[...chosen.tasks.values()][0]?.state, other.tasks.size]).toEqual(['CANCELED', 0])
  })

  it('while the site is down is shown after a time with a note, and reaches the site when it comes back', async () => {
    await using one = await createFakeSite({ progress: 'manual' })
    await using two = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: one, bonn: two })
    await federation.start()
    const { id, chosen, other } = await runOne(federation, [one, two])
    goDown(chosen)
    await federation.client.cancelTask(id)
    await federation.reach(id, 'CANCELED')
    const { logs } = await federation.client.getTask(id, { view: 'FULL' })
    expect(logs?.at(-1)?.system_logs?.join(' ')).toMatch(/cancel/i)
    chosen.script.clear()
    const old = [...chosen.tasks.values()][0]
    await until('the site is told', () => old?.state === 'CANCELED')
    expect([(await federation.client.getTask(id)).state, other.tasks.size]).toEqual(['CANCELED', 0])
  })

  it('of a submission in doubt starts no second one', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    site.script.add('create', { do: 'hang-up', committed: true })
    await using federation = await openFederation({ berlin: site })
    await federation.start()
    const id = await federation.submit()
    await until('the site has it', () => site.tasks.size === 1)
    await federation.client.cancelTask(id)
    await federation.reach(id, 'CANCELED')
    expect([...site.tasks.values()].map(({ state }) => state)).toEqual(['CANCELED'])
  })
})
