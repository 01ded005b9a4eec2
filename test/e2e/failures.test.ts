import type { TesState } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite, type SiteFields } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

/** A site whose tasks walk through these states. */
const walking = (id: string, steps: readonly TesState[], fields: SiteFields = {}) => fakeSite(id, fields, { steps: () => steps })
const fast = { network: { defaultMbps: 10_000 } }

const creates = (federation: TestFederation, id: string): number =>
  federation.fake(id).requests.filter(({ operation }) => operation === 'create').length

async function attemptsOf(federation: TestFederation, id: string): Promise<{ site: string; end?: { outcome: string } }[]> {
  return JSON.parse((await federation.portolan(`tasks/${id}/attempts`)).text).attempts
}

describe.concurrent('whose fault a failure is', () => {
  it('leaves the tool’s own failure as it is', async () => {
    const steps: TesState[] = ['QUEUED', 'RUNNING', 'EXECUTOR_ERROR']
    await using federation = await startFederation({ sites: [walking('a', steps), walking('b', steps)] })
    const done = await federation.run()
    expect(done.state).toBe('EXECUTOR_ERROR')
    expect(creates(federation, 'a') + creates(federation, 'b')).toBe(1)
    expect(done.logs?.[0]?.logs[0]?.exit_code).toBe(1)
  })

  it('tries a failing site’s task elsewhere, each time at another site and at most as often as allowed, and then tells all', async () => {
    const steps: TesState[] = ['QUEUED', 'RUNNING', 'SYSTEM_ERROR']
    const ids = ['a', 'b', 'c', 'd', 'e']
    await using federation = await startFederation({ sites: ids.map(id => walking(id, steps)), tracking: { maxRetries: 2 } })
    const done = await federation.run()
    expect(done.state).toBe('SYSTEM_ERROR')
    const attempts = await attemptsOf(federation, done.id)
    expect(attempts.map(({ end }) => end?.outcome)).toEqual(['SYSTEM_ERROR', 'SYSTEM_ERROR', 'SYSTEM_ERROR'])
    expect(new Set(attempts.map(({ site }) => site)).size).toBe(3)
    const said = done.logs?.[0]?.system_logs ?? []
    for (const [index, { site }] of attempts.entries()) {
      expect(said).toContainEqual(expect.stringContaining(`Attempt ${index + 1} at site ${site} ended SYSTEM_ERROR`))
    }
    expect(said).toContainEqual('Given up after 3 failed attempts at different sites.')
    expect(done.logs).toHaveLength(1)
    expect(done.logs?.[0]?.metadata?.['portolan.site']).toBe(attempts.at(-1)?.site)
    expect(done.logs?.[0]?.metadata?.['portolan.attempt']).toBe('3')
  })

  it('ends when every site has failed it, with the reasons of all', async () => {
    const steps: TesState[] = ['RUNNING', 'SYSTEM_ERROR']
    await using federation = await startFederation({ sites: [walking('a', steps), walking('b', steps)] })
    const done = await federation.run()
    expect(done.state).toBe('SYSTEM_ERROR')
    expect((await attemptsOf(federation, done.id)).map(({ site }) => site).sort()).toEqual(['a', 'b'])
    expect(done.logs?.[0]?.system_logs?.join('\n')).toMatch(/ALREADY_TRIED[\s\S]*ALREADY_TRIED/)
  })

  it('runs a preempted task elsewhere, and nobody sees that it was preempted', async () => {
    await using federation = await startFederation({
      sites: [walking('a', ['RUNNING', 'PREEMPTED'], fast), walking('b', ['RUNNING', 'COMPLETE'])],
    })
    const done = await federation.run({ tags: { portolan_site: 'a' } }).then(first => first.id)
    expect((await federation.full(done)).state).toBe('SYSTEM_ERROR')
    await using free = await startFederation({
      sites: [walking('a', ['RUNNING', 'PREEMPTED'], { holds: ['x'] }), walking('b', ['RUNNING', 'COMPLETE'])],
      locations: [
        { id: 'x', country: 'DE', kind: 's3', endpoint: 'https://s3.example.org', prefixes: [{ url: 's3://x/', sensitivity: 'public' }] },
      ],
    })
    const moved = await free.run({ inputs: [{ url: 's3://x/y', path: '/y', type: 'FILE' }] })
    expect(moved.state).toBe('COMPLETE')
    expect((await attemptsOf(free, moved.id)).map(({ site, end }) => [site, end?.outcome])).toEqual([
      ['a', 'PREEMPTED'],
      ['b', 'COMPLETE'],
    ])
    expect(moved.logs?.[0]?.system_logs).toContainEqual(expect.stringContaining('Attempt 1 at site a ended PREEMPTED'))
  })
})

describe.concurrent('a site that refuses', () => {
  const data = {
    locations: [
      { id: 'x', country: 'DE', kind: 's3', endpoint: 'https://s3.example.org', prefixes: [{ url: 's3://x/', sensitivity: 'public' }] },
    ],
    sites: [fakeSite('near', { holds: ['x'] }), fakeSite('far')],
  }
  const task = { inputs: [{ url: 's3://x/y', path: '/y', type: 'FILE' as const }] }

  it('ends the task with its words if it says 400, and no other site is asked', async () => {
    await using federation = await startFederation(data)
    federation.fake('near').script.add('create', { do: 'answer', status: 400, body: { msg: 'executors[0].image: no such registry' } })
    const done = await federation.run(task)
    expect(done.state).toBe('SYSTEM_ERROR')
    expect(done.logs?.[0]?.system_logs?.join('\n')).toContain('no such registry')
    expect([creates(federation, 'near'), creates(federation, 'far')]).toEqual([1, 0])
  })

  it.each([401, 403, 404, 409])('gives the task to another one if it says %i', async status => {
    await using federation = await startFederation(data)
    federation.fake('near').script.add('create', { do: 'answer', status, body: { msg: 'no' } })
    const done = await federation.run(task)
    expect(done.state).toBe('COMPLETE')
    expect((await attemptsOf(federation, done.id)).map(({ site, end }) => [site, end?.outcome])).toEqual([
      ['near', 'REJECTED'],
      ['far', 'COMPLETE'],
    ])
    expect(done.logs?.[0]?.system_logs).toContainEqual(expect.stringContaining('Attempt 1 at site near ended REJECTED'))
  })

  it('is waited for if it is busy and the only one', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    federation.fake('only').script.add('create', { do: 'answer', status: 429, headers: { 'Retry-After': '1' } })
    const done = await federation.run()
    expect(done.state).toBe('COMPLETE')
    expect((await attemptsOf(federation, done.id)).map(({ end }) => end?.outcome)).toEqual(['REJECTED', 'COMPLETE'])
  })

  it('loses nothing that runs there when it refuses our login for a while', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', {}, { progress: 'manual' })] })
    const id = await federation.submit()
    await until('it is there', () => federation.fake('only').tasks.size === 1)
    const site = federation.fake('only')
    site.script.add('list', { do: 'answer', status: 401 }, { times: 4 })
    site.script.add('get', { do: 'answer', status: 401 }, { times: 4 })
    const before = site.requests.length
    await until('it was asked in vain', () => site.requests.length > before + 4)
    site.advance(9)
    await federation.settle()
    expect((await federation.full(id)).state).toBe('COMPLETE')
    expect(await attemptsOf(federation, id)).toHaveLength(1)
  })
})
