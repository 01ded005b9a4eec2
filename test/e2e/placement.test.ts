import { describe, expect, it } from 'vitest'
import { startDataServer } from '../harness/data-server.ts'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite, openSite } from '../harness/sites.ts'

const input = (url: string, path = '/in/reads') => ({ url, path, type: 'FILE' as const })
/** The ids of sites that were asked to create anything. */
const asked = (federation: TestFederation, ...ids: string[]): string[] =>
  ids.filter(id => federation.fake(id).requests.some(({ operation }) => operation === 'create'))

describe.concurrent('a task goes to its data', () => {
  it('runs at the site that holds its input, and says so', async () => {
    await using data = await startDataServer({ '/a/reads': 5_000_000 })
    await using federation = await startFederation({
      sites: [fakeSite('berlin'), fakeSite('paris', { holds: ['store'], place: { country: 'FR' } })],
      locations: [{ id: 'store', country: 'FR', kind: 'http', prefixes: [{ url: `${data.origin}/a/`, sensitivity: 'public' }] }],
    })
    const task = { inputs: [input(`${data.origin}/a/reads`)] }
    await federation.knowSizes(task)
    const foreseen = await federation.dryRun(task)
    const done = await federation.run(task)
    expect(done.state).toBe('COMPLETE')
    expect(asked(federation, 'berlin', 'paris')).toEqual(['paris'])
    const decision = await federation.placement(done.id)
    expect(decision).toMatchObject({ chosen: 'paris', outcome: 'placed', counts: { pass: 2 } })
    expect(decision.sites.map(({ id, terms }) => [id, terms?.bytesToMove])).toEqual([
      ['berlin', 5_000_000],
      ['paris', 0],
    ])
    expect(decision.sites.flatMap(({ terms }) => terms?.assumed ?? []).filter(what => what.startsWith('/'))).toEqual([])
    expect(foreseen.sites).toEqual(decision.sites)
    expect(foreseen.why).toBe(decision.why)
    expect(done.logs).toHaveLength(1)
    expect(done.logs?.[0]?.metadata).toMatchObject({
      'portolan.site': 'paris',
      'portolan.siteName': 'paris',
      'portolan.attempt': '1',
      'portolan.why': decision.why,
    })
    for (const value of Object.values(done.logs?.[0]?.metadata ?? {})) expect(typeof value).toBe('string')
    expect(data.requests.filter(line => !line.startsWith('HEAD '))).toEqual([])
  })

  it('weighs sizes that the data servers tell: more bytes win', async () => {
    await using north = await startDataServer({ '/n/small': 1_000, '/n/large': 50_000_000 })
    await using south = await startDataServer({ '/s/small': 1_000, '/s/large': 50_000_000 })
    const prefix = (url: string) => [{ url, sensitivity: 'public' }]
    await using federation = await startFederation({
      sites: [fakeSite('north', { holds: ['n'] }), fakeSite('south', { holds: ['s'] })],
      locations: [
        { id: 'n', country: 'DE', kind: 'http', prefixes: prefix(`${north.origin}/n/`) },
        { id: 's', country: 'DE', kind: 'http', prefixes: prefix(`${south.origin}/s/`) },
      ],
    })
    const northern = { inputs: [input(`${north.origin}/n/large`, '/1'), input(`${south.origin}/s/small`, '/2')] }
    const southern = { inputs: [input(`${north.origin}/n/small`, '/1'), input(`${south.origin}/s/large`, '/2')] }
    await federation.knowSizes(northern)
    await federation.knowSizes(southern)
    const toNorth = await federation.run(northern)
    const toSouth = await federation.run(southern)
    expect((await federation.placement(toNorth.id)).chosen).toBe('north')
    expect((await federation.placement(toSouth.id)).chosen).toBe('south')
  })
})

describe.concurrent('what a site may not have never reaches it (I9)', () => {
  const LIES = 'https://data.example.org'
  const location = (prefix: object) => ({ id: 'store', country: 'DE', kind: 'http', prefixes: [{ url: `${LIES}/set/`, ...prefix }] })
  const reads = { inputs: [input(`${LIES}/set/reads`)] }

  it.each([
    ['RESIDENCY', fakeSite('denied', { place: { country: 'FR' } }), [location({ sensitivity: 'public', residency: ['DE'] })], reads],
    ['SENSITIVITY', fakeSite('denied', { maxSensitivity: 'public' }), [location({ sensitivity: 'pseudonymised' })], reads],
    ['SENSITIVITY', openSite('denied'), [location({ sensitivity: 'anonymised' })], reads],
    ['IMAGE_NOT_ALLOWED', fakeSite('denied', { policy: { images: { allow: ['quay.io/biocontainers/*'] } } }), [], {}],
    ['IMAGE_NOT_PINNED', fakeSite('denied', { policy: { images: { digest: 'required' } } }), [], {}],
    [
      'OUTPUT_TARGET_DENIED',
      fakeSite('denied', { policy: { outputs: { allow: ['https://results.example.org/'] } } }),
      [],
      { outputs: [{ url: 'https://elsewhere.example.org/x', path: '/x', type: 'FILE' as const }] },
    ],
    ['PROJECT_NOT_ADMITTED', fakeSite('denied', { policy: { projects: ['other'] } }), [], {}],
    ['GROUP_MISSING', fakeSite('denied', { policy: { groups: ['urn:x#y'] } }), [], {}],
    ['RUN_TOO_LONG', fakeSite('denied', { capacity: { maxRunHours: 1 } }), [], { tags: { portolan_max_runtime: '2h' } }],
    ['TOO_LARGE_EVER', fakeSite('denied', { capacity: { cpuCores: 2 } }), [], { resources: { cpu_cores: 3 } }],
  ])('%s', async (code, denied, locations, task) => {
    await using federation = await startFederation({
      sites: [denied, fakeSite('allowed')],
      locations,
      projects: [{ id: 'other' }],
    })
    const done = await federation.run(task)
    expect(done.state).toBe('COMPLETE')
    const decision = await federation.placement(done.id)
    const verdict = decision.sites.find(({ id }) => id === 'denied')
    expect(verdict?.verdict).toBe('never')
    expect(verdict?.reasons.map(reason => reason.code)).toEqual([code])
    expect(decision.chosen).toBe('allowed')
    expect(asked(federation, 'denied', 'allowed')).toEqual(['allowed'])
  })

  it('holds for the rules of the project too', async () => {
    await using federation = await startFederation({
      sites: [fakeSite('denied'), fakeSite('allowed')],
      projects: [{ id: 'local', sites: ['allowed'] }],
    })
    const done = await federation.run()
    const decision = await federation.placement(done.id)
    expect(decision.sites.find(({ id }) => id === 'denied')?.reasons.map(({ code }) => code)).toEqual(['PROJECT_NOT_ADMITTED'])
    expect(asked(federation, 'denied', 'allowed')).toEqual(['allowed'])
  })

  it('ends with all reasons of all sites if no site may ever run it, and is never a 4xx', async () => {
    await using federation = await startFederation({
      sites: [fakeSite('berlin', { policy: { images: { digest: 'required' } } }), fakeSite('paris', { capacity: { cpuCores: 1 } })],
    })
    const done = await federation.run({ resources: { cpu_cores: 4 } })
    expect(done.state).toBe('SYSTEM_ERROR')
    const said = done.logs?.[0]?.system_logs?.join('\n') ?? ''
    expect(said).toContain('IMAGE_NOT_PINNED')
    expect(said).toContain('TOO_LARGE_EVER')
    expect(said).toContain('No site may run it')
    expect(done.logs).toEqual([{ logs: [], outputs: [], system_logs: expect.any(Array) }])
    expect(asked(federation, 'berlin', 'paris')).toEqual([])
    expect(JSON.parse((await federation.portolan(`tasks/${done.id}/attempts`)).text)).toEqual({ attempts: [] })
  })

  it('is the same in a federation without any site', async () => {
    await using federation = await startFederation({ sites: [] })
    const done = await federation.run()
    expect(done.state).toBe('SYSTEM_ERROR')
    expect(done.logs?.[0]?.system_logs?.join('\n')).toContain('No site is declared')
  })
})

describe.concurrent('a decision that was taken', () => {
  it('is shown byte for byte the same, however often it is asked for and after a restart', async () => {
    await using federation = await startFederation({ sites: [fakeSite('berlin'), fakeSite('paris', { policy: { groups: ['urn:x#y'] } })] })
    const { id } = await federation.run()
    const first = await federation.portolan(`tasks/${id}/placement`)
    expect(first.status).toBe(200)
    expect((await federation.portolan(`tasks/${id}/placement`)).text).toBe(first.text)
    await federation.restart()
    expect((await federation.portolan(`tasks/${id}/placement`)).text).toBe(first.text)
    const { attempts } = JSON.parse((await federation.portolan(`tasks/${id}/attempts`)).text)
    expect(attempts).toMatchObject([{ number: 1, site: 'berlin', state: 'TERMINAL', end: { outcome: 'COMPLETE' } }])
  })
})
