/**
 * The limits at the door as clients meet them: what is refused, what is only late, and who is left alone.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDoorLimits } from '../src/auth/limits/door-limits.ts'
import { createMemoryRateBuckets } from '../src/bus/rate-buckets-memory.ts'
import { convertRates, RatesFile } from '../src/config/rates-file.ts'
import { createMetrics } from '../src/observe/metrics.ts'
import { gatherPeople, type People, type Role, type Stranger } from './access/roles.ts'
import { call } from './call.ts'
import { type ApiTestOptions, startApi } from './start-api.ts'

const BODY = JSON.stringify({ executors: [{ image: 'alpine:3', command: ['true'] }], tags: { portolan_project: 'open' } })

let people: People
beforeAll(async () => {
  people = await gatherPeople()
})
afterAll(() => people[Symbol.asyncDispose]())

/** An API with these limits and a clock that stands still. */
async function startLimited(rates: Parameters<typeof RatesFile.parse>[0], options: Pick<ApiTestOptions, 'trustProxy'> = {}) {
  const metrics = createMetrics({ sites: () => [], storeQueue: () => 0 })
  const doorLimits = createDoorLimits({
    buckets: createMemoryRateBuckets(),
    rules: convertRates(RatesFile.parse(rates)),
    observer: metrics,
    now: () => 0,
  })
  const api = await startApi({ openLogin: ports => people.open(ports), projects: people.projects, doorLimits, ...options })
  const ask = (who: Role | Stranger, method: 'GET' | 'POST', path: string, more: { body?: string; from?: string } = {}) =>
    call(api.port, {
      method,
      path,
      headers: { ...people.headers(who), ...(more.from !== undefined && { 'x-forwarded-for': more.from }) },
      ...(method === 'POST' && { body: more.body ?? BODY }),
    })
  return {
    api,
    create: (who: Role, body?: string) => ask(who, 'POST', '/tasks', { ...(body !== undefined && { body }) }),
    createToken: (who: Role) => ask(who, 'POST', '/portolan/v1/tokens', { body: JSON.stringify({ name: 'laptop' }) }),
    poll: (who: Role | Stranger, from?: string) => ask(who, 'GET', '/tasks', { ...(from !== undefined && { from }) }),
    counted: async () => (await metrics.render()).text.split('\n').filter(line => line.startsWith('portolan_limited_requests_total{')),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      metrics[Symbol.dispose]()
    },
  }
}

async function times<Answer>(count: number, ask: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let index = 0; index < count; index++) answers.push(await ask())
  return answers
}

const statuses = (answers: readonly { readonly status: number }[]): number[] => answers.map(({ status }) => status)

describe('creates', () => {
  it('T16 beyond the limit of a person are 429 with whole seconds to wait, before the body is read, and those of others go on', async () => {
    await using limited = await startLimited({ person: { creates: { atOnce: 2, perMinute: 24 } } })
    expect(statuses(await times(2, () => limited.create('owner')))).toEqual([200, 200])
    const refused = await limited.create('owner', '{ this is no JSON')
    expect(refused.status).toBe(429)
    expect(refused.headers['retry-after']).toBe('3')
    expect(JSON.parse(refused.text)).toMatchObject({ status_code: 429, type: 'urn:portolan:error:too-many-requests' })
    expect(statuses(await times(2, () => limited.create('member')))).toEqual([200, 200])
    expect(await limited.counted()).toEqual(['portolan_limited_requests_total{act="create",outcome="refused"} 1'])
  })

  it('are tasks and tokens together', async () => {
    await using limited = await startLimited({ person: { creates: { atOnce: 2, perMinute: 1 } } })
    const [first, second] = [await limited.create('owner'), await limited.createToken('owner')]
    expect([first.status, second.status]).not.toContain(429)
    expect([(await limited.create('owner')).status, (await limited.createToken('owner')).status]).toEqual([429, 429])
  })

  it('T16 cost by their size, dry runs too, and one that is larger than a full bucket takes a full one', async () => {
    await using limited = await startLimited({ person: { creates: { atOnce: 4, perMinute: 60 } } })
    const large = JSON.stringify({ ...JSON.parse(BODY), description: 'd'.repeat(40_000) })
    const dryRun = () =>
      call(limited.api.port, { method: 'POST', path: '/portolan/v1/placements', headers: people.headers('owner'), body: large })
    expect([(await dryRun()).status, (await limited.create('owner', large)).status]).toEqual([200, 429])
    expect(statuses([await limited.create('owner'), await dryRun()])).toEqual([200, 429])
    const huge = JSON.stringify({ ...JSON.parse(BODY), description: 'd'.repeat(400_000) })
    expect(statuses([await limited.create('member', huge), await limited.create('member')])).toEqual([200, 429])
  })

  it('beyond the limit of an address are 429 for everybody behind it', async () => {
    await using limited = await startLimited({ address: { creates: { atOnce: 3, perMinute: 1 } } })
    const answers = [
      await limited.create('owner'),
      await limited.create('member'),
      await limited.create('owner'),
      await limited.create('member'),
    ]
    expect(statuses(answers)).toEqual([200, 200, 200, 429])
  })

  it('leave no trace where they are refused, and a cancel never is', async () => {
    await using limited = await startLimited({ person: { creates: { atOnce: 1, perMinute: 1 } } })
    const [created] = await times(3, () => limited.create('owner'))
    const list = JSON.parse((await limited.poll('owner')).text)
    const { id } = JSON.parse(created?.text ?? '')
    expect(list.tasks).toEqual([{ id, state: 'QUEUED' }])
    const cancel = await call(limited.api.port, { method: 'POST', path: `/tasks/${id}:cancel`, headers: people.headers('owner') })
    expect(cancel.status).toBe(200)
  })
})

describe('polls', () => {
  it('T16 beyond the limit are late and never refused, and those of others are in time', async () => {
    await using limited = await startLimited({ person: { polls: { atOnce: 3, perMinute: 60_000 } } })
    expect(new Set(statuses(await times(40, () => limited.poll('owner'))))).toEqual(new Set([200]))
    expect(await limited.counted()).toEqual(['portolan_limited_requests_total{act="poll",outcome="slowed"} 37'])
    expect(statuses(await times(3, () => limited.poll('member')))).toEqual([200, 200, 200])
    expect(await limited.counted()).toEqual(['portolan_limited_requests_total{act="poll",outcome="slowed"} 37'])
  })
})

describe('wrong credentials', () => {
  const few = { address: { failures: { atOnce: 2, perMinute: 10 } } }

  it('T16 beyond the limit of an address are 429 and still say what is wrong; good ones from there go on', async () => {
    await using limited = await startLimited(few)
    const answers = await times(4, () => limited.poll('unknown'))
    expect(statuses(answers)).toEqual([401, 401, 429, 429])
    expect(answers[3]?.headers['retry-after']).toBe('6')
    expect(JSON.parse(answers[3]?.text ?? '').detail).toContain(
      'Too many wrong credentials came from this address. As for this one: The personal token is not known here.',
    )
    expect((await limited.poll('malformed')).status).toBe(429)
    expect(statuses([await limited.poll('owner'), await limited.create('owner'), await limited.poll('anonymous')])).toEqual([200, 200, 401])
  })

  it.each(['expired', 'revoked', 'audience', 'issuer', 'anonymous'] as const)('are no guesses where the credential is %s', async who => {
    await using limited = await startLimited(few)
    expect(new Set(statuses(await times(6, () => limited.poll(who))))).toEqual(new Set([401]))
  })

  it('count for the address that a believed proxy names', async () => {
    await using limited = await startLimited(few, { trustProxy: ['127.0.0.1'] })
    const answers = await times(3, () => limited.poll('unknown', '198.51.100.1'))
    expect(statuses(answers)).toEqual([401, 401, 429])
    expect((await limited.poll('unknown', '198.51.100.2')).status).toBe(401)
    expect((await limited.poll('unknown', 'evil, 198.51.100.1')).status).toBe(429)
  })

  it('T16 say once, in the log and beside readiness, that a proxy is not believed', async () => {
    await using limited = await startLimited(few)
    const notes = async () =>
      JSON.parse((await call(limited.api.port, { path: '/readyz' })).text).notes.filter((note: string) => note.includes('trustProxy'))
    await limited.poll('owner')
    expect([limited.api.warnings, await notes()]).toEqual([[], []])
    for (const from of ['198.51.100.1', '198.51.100.2']) await limited.poll('owner', from)
    expect(limited.api.warnings).toEqual([{ address: '127.0.0.1' }])
    expect(await notes()).toEqual([expect.stringContaining('server.trustProxy')])
  })

  it('say nothing of a proxy that is', async () => {
    await using limited = await startLimited(few, { trustProxy: ['127.0.0.1'] })
    await limited.poll('owner', '198.51.100.1')
    expect(limited.api.warnings).toEqual([])
  })

  it('count for who has connected, whatever they write, where no proxy is believed', async () => {
    await using limited = await startLimited(few)
    let at = 0
    expect(statuses(await times(4, () => limited.poll('unknown', `198.51.100.${at++}`)))).toEqual([401, 401, 429, 429])
  })
})

it('the access log names the limit and the address of what was limited, and no other address', async () => {
  const limited = await startLimited({ address: { failures: { atOnce: 1, perMinute: 1 } } })
  await times(2, () => limited.poll('unknown'))
  await limited.poll('owner')
  await limited[Symbol.asyncDispose]()
  const lines = limited.api.accessLines.map(line => JSON.parse(line))
  expect(lines.map(({ status, limited: act, address }) => [status, act, address])).toEqual([
    [401, undefined, undefined],
    [429, 'failure', '127.0.0.1'],
    [200, undefined, undefined],
  ])
})
