/**
 * What a decision tells of sites and locations that the projects of who asks may not use: that there are some, and nothing else.
 */
import { createFakeSite, type FakeSite } from '@portolan/tes/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { logInDevice } from '../harness/oauth.ts'
import { until } from '../harness/until.ts'
import { GROUPS } from '../login/people.ts'

/** Every name of what alice may not know, and what its load is called. */
const HIDDEN = /secret|"sa"|"sc"|third|hosp|NO_ROOM_NOW|do not run yet/i
const PLAIN = { executors: [{ image: 'alpine:3', command: ['true'] }] }
const READS = { ...PLAIN, inputs: [{ url: 'https://data.example.org/genomes/x', path: '/x' }] }
/** So large that of these sites only one would take it, which says nothing of its size. */
const LARGE = { ...PLAIN, resources: { cpu_cores: 900 } }

const Shown = z.object({
  outcome: z.string(),
  why: z.string(),
  sites: z.array(z.object({ id: z.string(), reasons: z.array(z.object({ code: z.string(), detail: z.string() })) })),
  further: z.optional(z.object({ sites: z.int(), detail: z.string() })),
  counts: z.record(z.string(), z.int()),
})
const Full = z.object({
  state: z.string(),
  logs: z.optional(
    z.array(z.object({ metadata: z.optional(z.record(z.string(), z.string())), system_logs: z.optional(z.array(z.string())) })),
  ),
})

let broker: BrokerWithLogin
const fakes = new Map<string, FakeSite>()
let alice = ''
let bob = ''
let admin = ''

beforeAll(async () => {
  for (const id of ['sa', 'sb', 'sc']) fakes.set(id, await createFakeSite({ progress: 'manual' }))
  const site = (id: string, more: object) => ({ id, url: fakes.get(id)?.url, place: { country: 'DE' }, ...more })
  broker = await startBrokerWithLogin({
    auth: { admins: [GROUPS.rareDiseases] },
    projects: [
      { id: 'cancer', members: [GROUPS.cancer], sites: ['sb'] },
      { id: 'rare', members: [GROUPS.rareDiseases], sites: ['sa'] },
    ],
    locations: [
      {
        id: 'hosp',
        country: 'DE',
        kind: 'http',
        endpoint: 'https://data.example.org',
        readableFrom: ['sa'],
        prefixes: [{ url: 'https://data.example.org/genomes/', sensitivity: 'controlled', residency: ['DE'] }],
      },
    ],
    sites: () => [
      site('sa', {
        name: 'Secret hospital',
        holds: ['hosp'],
        policy: { projects: ['rare'] },
        limits: { maxIdleTasks: 1 },
        capacity: { cpuCores: 8 },
      }),
      site('sb', { name: 'Second', capacity: { cpuCores: 64 } }),
      site('sc', { name: 'Third' }),
    ],
  })
  alice = (await logInDevice(broker.url, 'alice')).access
  bob = (await logInDevice(broker.url, 'bob')).access
  admin = (await logInDevice(broker.url, 'bob', { scope: 'read write admin' })).access
  // The hidden site is full, which a stranger to it may not learn.
  await create(bob, PLAIN)
  await until('the hidden site is full', () => (fakes.get('sa')?.tasks.size ?? 0) > 0)
})
afterAll(async () => {
  await broker[Symbol.asyncDispose]()
  for (const fake of fakes.values()) await fake[Symbol.asyncDispose]()
})

async function ask(token: string, path: string, body?: object, accept = 'application/json'): Promise<string> {
  const answer = await fetch(`${broker.url}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept },
    signal: AbortSignal.timeout(20_000),
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`)
  return text
}

const shown = (text: string) => Shown.parse(JSON.parse(text))
const dryRun = (token: string, task: object) => ask(token, '/portolan/v1/placements', task)

async function create(token: string, task: object): Promise<string> {
  return z.object({ id: z.string() }).parse(JSON.parse(await ask(token, '/tasks', task))).id
}

const FURTHER = { sites: 2, detail: '2 further sites are not for your projects' }

describe('T03 sites that the projects of who asks may not use', () => {
  it.each([
    ['that needs nothing', PLAIN],
    ['that reads their data', READS],
    ['that names one of them', { ...PLAIN, tags: { portolan_site: 'sz' } }],
    ['that is too large for them', LARGE],
  ])('are a number in a dry run of a task %s', async (_, task) => {
    const text = await dryRun(alice, task)
    const decision = shown(text)
    expect(decision.sites.map(({ id }) => id)).toEqual(['sb'])
    expect(decision.further).toEqual(FURTHER)
    expect(text).not.toMatch(HIDDEN)
  })

  it('are a number for people too, and do not show in the line that says why', async () => {
    const text = await ask(alice, '/portolan/v1/placements', PLAIN, 'text/plain')
    expect(text).toContain('2 further sites are not for your projects')
    expect(text).not.toMatch(HIDDEN)
    expect(shown(await dryRun(alice, PLAIN)).why).toMatch(/^Second: .*; 2 further sites are not for your projects$/)
  })

  it('do not show by the location of an input, which is called by no name', async () => {
    const [site] = shown(await dryRun(alice, READS)).sites
    const said = new Map(site?.reasons.map(({ code, detail }) => [code, detail]))
    expect(said.get('INPUT_UNREACHABLE')).toBe(
      'https://data.example.org/genomes/x lies at a location that is not for your projects, which Second cannot read',
    )
    expect(said.get('WORK_NOT_APPROVED')).toBe(
      'a prefix at a location that is not for your projects may only be computed on by approved work',
    )
  })

  it('do not show in a task of theirs: neither in its decision, nor in the lines of its log, whoever reads it', async () => {
    const [runs, refused] = [await create(alice, PLAIN), await create(alice, READS)]
    await until('the one is at its site', () => (fakes.get('sb')?.tasks.size ?? 0) > 0)
    const read = async (token: string, id: string) => await ask(token, `/tasks/${id}?view=FULL`)
    await until('the other is refused', async () => Full.parse(JSON.parse(await read(alice, refused))).state === 'SYSTEM_ERROR')
    const metadata = Full.parse(JSON.parse(await read(alice, runs))).logs?.[0]?.metadata
    expect(metadata?.['portolan.why']).toMatch(/^Second: .*; 2 further sites are not for your projects$/)
    const lines = Full.parse(JSON.parse(await read(alice, refused))).logs?.[0]?.system_logs ?? []
    expect(lines).toContain('2 further sites are not for your projects')
    for (const token of [alice, admin]) {
      for (const id of [runs, refused]) expect(JSON.stringify(JSON.parse(await read(token, id)).logs)).not.toMatch(HIDDEN)
    }
    for (const id of [runs, refused]) {
      const decision = shown(await ask(alice, `/portolan/v1/tasks/${id}/placement`))
      expect([decision.sites.map(site => site.id), decision.further]).toEqual([['sb'], FURTHER])
      const whole = shown(await ask(admin, `/portolan/v1/tasks/${id}/placement`))
      expect([whole.sites.map(site => site.id), whole.further]).toEqual([['sa', 'sb', 'sc'], undefined])
    }
    const whole = await ask(admin, `/portolan/v1/tasks/${refused}/placement`)
    expect(whole).toContain('lies at hosp, which Second cannot read')
    expect(whole).toContain('Secret hospital')
  })

  it('are the others for who may use one of them, and none for administrators', async () => {
    expect(shown(await dryRun(bob, PLAIN))).toMatchObject({ outcome: 'hold', sites: [{ id: 'sa' }], further: { sites: 2 } })
    const all = shown(await dryRun(admin, PLAIN))
    expect([all.sites.map(({ id }) => id), all.further]).toEqual([['sa', 'sb', 'sc'], undefined])
  })
})
