import { describe, expect, it } from 'vitest'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

const manual = { progress: 'manual' } as const
const creates = (federation: TestFederation, id: string): number =>
  federation.fake(id).requests.filter(({ operation }) => operation === 'create').length
const saysOf = async (federation: TestFederation, id: string): Promise<string> =>
  (await federation.full(id)).logs?.[0]?.system_logs?.join('\n') ?? ''

describe.concurrent('late binding', () => {
  it('holds what a site has no room for in the broker, says so, and sends it when others start there', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', { limits: { maxIdleTasks: 1 } }, manual)] })
    const site = federation.fake('only')
    const first = await federation.submit()
    await until('the first is there', () => site.tasks.size === 1)
    const second = await federation.submit()
    await until('the second waits', async () => (await saysOf(federation, second)).includes('waiting: No site can run it now'))
    expect(await saysOf(federation, second)).toContain('only not now (NO_ROOM_NOW)')
    expect((await federation.full(second)).state).toBe('QUEUED')
    expect((await federation.placement(second)).outcome).toBe('hold')
    expect(site.tasks.size).toBe(1)
    site.advance(2)
    await until('the second is there', () => site.tasks.size === 2)
    await until('both are over', async () => {
      site.advance()
      return (await federation.full(first)).state === 'COMPLETE' && (await federation.full(second)).state === 'COMPLETE'
    })
    expect(await saysOf(federation, second)).not.toContain('waiting')
    expect((await federation.placement(second)).outcome).toBe('placed')
  })

  it('gives what waits to whichever site is free first', async () => {
    const small = { limits: { maxIdleTasks: 1 } }
    await using federation = await startFederation({
      sites: [fakeSite('near', { ...small, holds: ['x'] }, manual), fakeSite('far', small, manual)],
      locations: [
        { id: 'x', country: 'DE', kind: 's3', endpoint: 'https://s3.example.org', prefixes: [{ url: 's3://x/', sensitivity: 'public' }] },
      ],
    })
    const task = { inputs: [{ url: 's3://x/y', path: '/y', type: 'FILE' as const }] }
    await federation.submit(task)
    await federation.submit(task)
    await until('both sites are full', () => federation.fake('near').tasks.size === 1 && federation.fake('far').tasks.size === 1)
    const third = await federation.submit(task)
    await until('the third waits', async () => (await saysOf(federation, third)).includes('waiting'))
    federation.fake('far').advance(2)
    await until('it goes where room is', () => federation.fake('far').tasks.size === 2)
    expect(federation.fake('near').tasks.size).toBe(1)
  })

  it('sends what waits for a site that was down soon after it is back', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    const { script } = federation.fake('only')
    const down = { do: 'answer', status: 503 } as const
    script.add('any', down, { times: Number.POSITIVE_INFINITY })
    await until('it counts as down', async () => (await federation.dryRun()).sites[0]?.reasons.some(({ code }) => code === 'SITE_DOWN'))
    const id = await federation.submit()
    await until('it waits', async () => (await saysOf(federation, id)).includes('SITE_DOWN'))
    script.clear()
    await federation.settle()
    expect((await federation.full(id)).state).toBe('COMPLETE')
  })

  it('ends a task that waits at once when it is cancelled', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', { draining: true })] })
    const id = await federation.submit()
    await until('it waits', async () => (await saysOf(federation, id)).includes('SITE_DRAINING'))
    await federation.client().cancelTask(id)
    await federation.settle()
    expect((await federation.full(id)).state).toBe('CANCELED')
    expect(creates(federation, 'only')).toBe(0)
  })

  it('asks the rules of the moment: what ran goes on, what waited is not sent to a site that denies it by now (I9)', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', { limits: { maxIdleTasks: 1 } }, manual)] })
    const site = federation.fake('only')
    const first = await federation.submit()
    await until('the first is there', () => site.tasks.size === 1)
    const second = await federation.submit()
    await until('the second waits', async () => (await saysOf(federation, second)).includes('NO_ROOM_NOW'))
    const before = await federation.portolan(`tasks/${first}/placement`)
    await federation.restart({}, { only: { policy: { images: { digest: 'required' } } } })
    await until('the second has ended', async () => (await federation.full(second)).state === 'SYSTEM_ERROR')
    expect(await saysOf(federation, second)).toContain('IMAGE_NOT_PINNED')
    site.advance(9)
    await federation.settle()
    expect((await federation.full(first)).state).toBe('COMPLETE')
    expect(await federation.portolan(`tasks/${first}/placement`)).toEqual(before)
    expect(site.tasks.size).toBe(1)
  })

  it('takes a task from a site that does not take it after all, and gives it to the next', async () => {
    await using federation = await startFederation({
      sites: [fakeSite('near', { holds: ['x'] }), fakeSite('far')],
      locations: [
        { id: 'x', country: 'DE', kind: 's3', endpoint: 'https://s3.example.org', prefixes: [{ url: 's3://x/', sensitivity: 'public' }] },
      ],
    })
    federation.fake('near').script.add('create', { do: 'answer', status: 429, headers: { 'Retry-After': '600' } })
    const done = await federation.run({ inputs: [{ url: 's3://x/y', path: '/y', type: 'FILE' }] })
    expect(done.logs?.[0]?.metadata?.['portolan.site']).toBe('far')
    expect((await federation.placement(done.id)).sites.find(({ id }) => id === 'near')?.reasons.map(({ code }) => code)).toEqual([
      'BREAKER_OPEN',
    ])
  })

  it('waits while the project is frozen, and ends when the project has ended', async () => {
    await using frozen = await startFederation({ sites: [fakeSite('only')], projects: [{ id: 'local', frozen: true }] })
    const id = await frozen.submit()
    await until('it waits', async () => (await saysOf(frozen, id)).includes('FROZEN'))
    await using over = await startFederation({ sites: [fakeSite('only')], projects: [{ id: 'local', until: '2020-12-31' }] })
    const done = await over.run()
    expect(done.state).toBe('SYSTEM_ERROR')
    expect(done.logs?.[0]?.system_logs?.join('\n')).toContain('PROJECT_NOT_ADMITTED')
    expect(creates(frozen, 'only') + creates(over, 'only')).toBe(0)
  })
})
