import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite, tokenOf } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

const store = [
  { id: 'x', country: 'DE', kind: 's3', endpoint: 'https://s3.example.org', prefixes: [{ url: 's3://x/', sensitivity: 'public' }] },
]
const reads = { inputs: [{ url: 's3://x/y', path: '/y', type: 'FILE' as const }] }

/** The only task at the fake site, as it was received. */
const received = (federation: TestFederation, id: string): TesTask => {
  const [task, ...more] = federation.fake(id).tasks.values()
  if (!task || more.length > 0) throw new Error(`The site ${id} has ${federation.fake(id).tasks.size} tasks`)
  return task.document
}

describe.concurrent('what users may wish', () => {
  it.each([
    ['as tags', { tags: { portolan_site: 'far', portolan_rerunnable: 'true', colour: 'blue' } }],
    [
      'as backend parameters',
      { tags: { colour: 'blue' }, resources: { backend_parameters: { portolan_site: 'far', portolan_rerunnable: 'true' } } },
    ],
  ])('is followed and stripped before a site sees it: a site, given %s', async (_, wish) => {
    await using federation = await startFederation({ sites: [fakeSite('near', { holds: ['x'] }), fakeSite('far')], locations: store })
    const done = await federation.run({ ...reads, ...wish })
    expect(done.state).toBe('COMPLETE')
    expect((await federation.placement(done.id)).sites.find(({ id }) => id === 'near')?.reasons.map(({ code }) => code)).toEqual([
      'NOT_REQUESTED',
    ])
    const document = received(federation, 'far')
    expect(JSON.stringify(document)).not.toContain('portolan_')
    expect(document.tags?.colour).toBe('blue')
    expect(done.tags).toMatchObject(wish.tags)
  })

  it('`portolan_locality: require` waits for the site that holds everything, `ignore` does not care', async () => {
    await using federation = await startFederation({
      sites: [fakeSite('near', { holds: ['x'], draining: true }), fakeSite('far')],
      locations: store,
    })
    const bound = await federation.submit({ ...reads, tags: { portolan_locality: 'require' } })
    const free = await federation.run({ ...reads, tags: { portolan_locality: 'ignore' } })
    expect((await federation.placement(free.id)).chosen).toBe('far')
    await until('the other waits', async () => (await federation.placement(bound)).outcome === 'hold')
    expect(federation.fake('far').tasks.size).toBe(1)
  })

  it('`portolan_max_runtime` must fit what a site allows', async () => {
    await using federation = await startFederation({
      sites: [fakeSite('short', { capacity: { maxRunHours: 1 } }), fakeSite('long', { capacity: { maxRunHours: 10 } })],
    })
    const done = await federation.run({ tags: { portolan_max_runtime: '3h' } })
    expect((await federation.placement(done.id)).chosen).toBe('long')
  })

  it('that cannot be read is refused with the field and the fix', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    await expect(federation.submit({ tags: { portolan_rerunnable: 'perhaps' } })).rejects.toMatchObject({ status: 400 })
  })
})

describe.concurrent('our tags at a site', () => {
  const forged = {
    'portolan.broker': 'b0',
    'portolan.task': 't-forged',
    'portolan.attempt': 'a.b.c.d',
    'Portolan.Attempt': 'x',
    GROUP_NAME: 'wheel',
    _WORKER_SA: 'root',
    mine: 'yes',
  }

  it('T04 are signed, and neither forged ones nor tags that sites reserve are passed on', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    const done = await federation.run({ tags: forged })
    const tags = received(federation, 'only').tags ?? {}
    expect(Object.keys(tags).sort()).toEqual(['mine', 'portolan.attempt', 'portolan.broker', 'portolan.task'])
    expect(tags['portolan.task']).toBe(done.id)
    expect(tags['portolan.attempt']).toMatch(/^a[0-9a-z]+\.[\w-]+\.[\w-]+\.[\w-]{20,}$/)
    expect(done.tags).toEqual(forged)
  })

  it('that somebody else wrote are not ours: such a task is neither adopted nor cancelled', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', {}, { progress: 'manual' })] })
    const site = federation.fake('only')
    const id = await federation.submit()
    await until('it is there', () => site.tasks.size === 1)
    const tags = received(federation, 'only').tags ?? {}
    const token = { authorization: `Bearer ${tokenOf('only')}`, 'content-type': 'application/json' }
    const stranger = {
      executors: [{ image: 'alpine', command: ['true'] }],
      tags: { ...tags, 'portolan.attempt': `${tags['portolan.attempt']}x` },
    }
    await fetch(`${site.url}/tasks`, { method: 'POST', headers: token, body: JSON.stringify(stranger), signal: AbortSignal.timeout(5_000) })
    await until('listings have shown it, one of them with tags', () => {
      const since = site.requests.slice(site.requests.findLastIndex(({ operation }) => operation === 'create'))
      return since.some(({ url }) => url.includes('view=BASIC')) && since.filter(({ operation }) => operation === 'list').length > 3
    })
    expect(site.requests.filter(({ operation }) => operation === 'cancel')).toEqual([])
    site.advance(9)
    await federation.settle()
    expect((await federation.full(id)).state).toBe('COMPLETE')
  })

  it('that are ours and nobody waits for are cancelled: a copy of a task does not run on', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', {}, { progress: 'manual' })] })
    const site = federation.fake('only')
    await federation.submit()
    await until('it is there', () => site.tasks.size === 1)
    const copy = received(federation, 'only')
    const token = { authorization: `Bearer ${tokenOf('only')}`, 'content-type': 'application/json' }
    const made = await fetch(`${site.url}/tasks`, {
      method: 'POST',
      headers: token,
      body: JSON.stringify(copy),
      signal: AbortSignal.timeout(5_000),
    })
    const { id } = (await made.json()) as { id: string }
    await until('the copy is cancelled', () => site.tasks.get(id)?.state === 'CANCELED')
    site.advance(9)
    await federation.settle()
  })
})
