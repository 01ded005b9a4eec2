import { request } from 'node:http'
import { isTerminal } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

describe.concurrent('many tasks', () => {
  it('all end, 60 of them on three sites', async () => {
    await using federation = await startFederation({ sites: ['a', 'b', 'c'].map(id => fakeSite(id)) })
    const ids = await Promise.all(Array.from({ length: 60 }, (_, i) => federation.submit({ name: `task-${i}` })))
    await federation.settle()
    expect(new Set(ids).size).toBe(60)
    for await (const { state } of federation.client().listTasks()) expect(state).toBe('COMPLETE')
    const names = ['a', 'b', 'c'].flatMap(id => [...federation.fake(id).tasks.values()].map(({ document }) => document.name))
    expect(names.length).toBe(60)
    expect(new Set(names).size).toBe(60)
  })

  it('never bring a site more requests per second than it allows (I8)', async () => {
    const rate = 8
    await using federation = await startFederation({ sites: [fakeSite('only', { limits: { requestsPerSecond: rate } })] })
    await Promise.all(Array.from({ length: 12 }, () => federation.submit()))
    const { requests } = federation.fake('only')
    await until('the site had eighty requests', () => requests.length >= 80)
    const [first, last] = [requests[0]?.at ?? 0, requests.at(-1)?.at ?? 0]
    // A burst of one second may come at once; after that the rate holds.
    expect(requests.length).toBeLessThanOrEqual(rate + (rate * (last - first)) / 1000)
  })

  it('can be listed page by page while others are created: each that was there comes once (I10)', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', { draining: true })] })
    const before = await Promise.all(Array.from({ length: 40 }, () => federation.submit()))
    const seen: string[] = []
    for await (const page of federation.client().listTasks({ pageSize: 7 }).pages()) {
      seen.push(...page.items.map(({ id }) => id))
      await Promise.all([federation.submit(), federation.submit()])
    }
    expect(seen.filter(id => before.includes(id)).sort()).toEqual(before.toSorted())
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe.concurrent('a create whose client hangs up before the answer', () => {
  const body = JSON.stringify({ name: 'abandoned', executors: [{ image: 'alpine', command: ['true'] }] })

  /** Sends a create and cuts the connection as soon as it is on its way. The broker's disk is slow, so that no answer is on the way back. */
  async function abandon(federation: TestFederation, mount: string): Promise<void> {
    const { port } = new URL(federation.url())
    await new Promise<void>(resolve => {
      const sent = request({
        host: '127.0.0.1',
        port,
        path: `${mount}/tasks`,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      })
      sent.on('error', () => resolve())
      sent.end(body, () => setTimeout(() => sent.destroy(), 60))
    })
    await until('it is stored', async () => (await all(federation)).length === 1)
  }

  const all = (federation: TestFederation) => federation.client().listTasks({ view: 'BASIC' }).toArray()
  const slow = { storeSwitches: { commitDelayMs: 300 } }

  it('belongs to an equal create on another mount, and runs once', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')], options: slow })
    await abandon(federation, '/ga4gh/tes/v1')
    const answer = await fetch(`${federation.url()}/v1/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(20_000),
    })
    const [task, ...more] = await all(federation)
    expect(more).toEqual([])
    expect(await answer.json()).toEqual({ id: task?.id })
    await federation.settle()
    expect(federation.fake('only').tasks.size).toBe(1)
  })

  it('is cancelled if nobody claims it, also when the broker was started anew meanwhile', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')], options: slow })
    await abandon(federation, '/ga4gh/tes/v1')
    const { requests } = federation.fake('only')
    const before = requests.length
    await until('the site was listed again and again', () => requests.length > before + 5)
    expect(requests.filter(({ operation }) => operation === 'create')).toEqual([])
    const ahead = 31_000
    await federation.restart({ now: () => Date.now() + ahead })
    await until('it has ended', async () => isTerminal((await all(federation))[0]?.state ?? 'QUEUED'))
    expect((await all(federation)).map(({ state }) => state)).toEqual(['CANCELED'])
    expect(federation.fake('only').tasks.size).toBe(0)
  })
})
