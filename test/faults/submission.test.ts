import { createFakeSite, type Effect, type FakeSite } from '@portolan/tes/testing'
import { describe, expect, it, vi } from 'vitest'
import { until } from '../harness/until.ts'
import { openFederation, SETTLE_MS, TEST_TIMEOUT_MS } from './fake-federation.ts'

vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })

const timesOf = (site: FakeSite, operation: string): number[] =>
  site.requests.filter(one => one.operation === operation).map(({ at }) => at)

describe('a submission in doubt that the site has stored is adopted, and sent once', () => {
  const rows: readonly (readonly [string, Effect])[] = [
    ['the connection is cut after the commit', { do: 'hang-up', committed: true }],
    ['a proxy answers 502 after the commit', { do: 'answer', status: 502, body: 'Bad Gateway', committed: true }],
    ['a proxy answers 504 after the commit', { do: 'answer', status: 504, committed: true }],
    ['the answer is 200 with no id', { do: 'answer', status: 200, body: {}, committed: true }],
    ['the answer never comes', { do: 'hold' }],
    ['the answer breaks off in the middle', { do: 'drip', everyMs: 1, bytes: 5 }],
  ]
  it.each(rows)('%s', async (_, effect) => {
    await using site = await createFakeSite()
    site.script.add('create', effect)
    await using federation = await openFederation({ berlin: site })
    await federation.start()
    const id = await federation.submit()
    await federation.reach(id, 'COMPLETE')
    await federation.stop()
    expect([site.tasks.size, timesOf(site, 'create').length]).toEqual([1, 1])
    expect(await federation.attempts(id)).toMatchObject([{ number: 1, state: 'TERMINAL', end: { outcome: 'COMPLETE' } }])
  })
})

describe('a submission in doubt that the site does not have', () => {
  it.each([
    ['the connection is cut before it', { do: 'hang-up' }],
    ['a proxy answers 502 instead of the site', { do: 'answer', status: 502 }],
  ] as const)('is sent again to the same site after two listings past the settle time: %s', async (_, effect) => {
    await using site = await createFakeSite()
    await using other = await createFakeSite()
    for (const { script } of [site, other]) script.add('create', effect)
    await using federation = await openFederation({ berlin: site, bonn: other })
    await federation.start()
    const id = await federation.submit()
    await federation.reach(id, 'COMPLETE')
    await federation.stop()

    const [chosen, spared] = timesOf(site, 'create').length > 0 ? [site, other] : [other, site]
    const [first = 0, second = 0] = timesOf(chosen, 'create')
    const proofs = timesOf(chosen, 'list').filter(at => at >= first + SETTLE_MS && at <= second)
    expect(proofs.length).toBeGreaterThanOrEqual(2)
    expect([timesOf(chosen, 'create').length, timesOf(spared, 'create').length]).toEqual([2, 0])
    expect(await federation.attempts(id)).toMatchObject([
      { number: 1, state: 'ABSENT', absentSweeps: 2 },
      { number: 2, state: 'TERMINAL', end: { outcome: 'COMPLETE' } },
    ])
  })

  it('and that arrives late after all is cancelled there, and nothing that it shows counts', async () => {
    await using site = await createFakeSite()
    site.script.add('create', { do: 'delay' })
    await using federation = await openFederation({ berlin: site })
    await federation.start()
    const id = await federation.submit()
    await federation.reach(id, 'COMPLETE')
    const counted = [...site.tasks.keys()]
    site.script.release()
    const late = () => [...site.tasks.values()].find(task => !counted.includes(task.id))
    await until('the late arrival is cancelled', () => late()?.state === 'CANCELED')
    expect((await federation.client.getTask(id)).state).toBe('COMPLETE')
    await federation.stop()
    expect(await federation.attempts(id)).toMatchObject([{ state: 'ABSENT' }, { state: 'TERMINAL', siteTaskId: counted[0] }])
  })
})

describe('a refusal', () => {
  it('with 429 leaves no doubt: no task is ever at two sites', async () => {
    await using site = await createFakeSite()
    await using other = await createFakeSite()
    site.script.add('create', { do: 'answer', status: 429, headers: { 'retry-after': '1' } }, { times: 2 })
    await using federation = await openFederation({ berlin: site, bonn: other })
    await federation.start()
    const ids = await Promise.all(Array.from({ length: 4 }, () => federation.submit()))
    for (const id of ids) await federation.reach(id, 'COMPLETE')
    await federation.stop()
    expect(site.tasks.size + other.tasks.size).toBe(ids.length)
  })
})
