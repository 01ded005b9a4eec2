import { describe, expect, expectTypeOf, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import type { ReadMinimal, ReadTask, TesTask } from '../index.ts'
import { createFakeSite, type Effect, type FakeSite, type FakeSiteOptions } from '../testing/index.ts'
import { ApiError, bearer, createTesClient, discover, type ReadBasic, type TesClientOptions } from './index.ts'

const TASK: TesTask = {
  name: 'count',
  tags: { a: 'b' },
  inputs: [{ path: '/in', content: 'text' }],
  outputs: [{ path: '/out', url: 's3://b/out' }],
  executors: [{ image: 'alpine:3', command: ['wc', '/in'] }],
}

const clientOf = (site: FakeSite, options: Partial<TesClientOptions> = {}) =>
  createTesClient({ url: site.url, maxRetries: 0, pause: async () => {}, ...options })
const failureOf = (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => (error instanceof ApiError ? error : Promise.reject(error)),
  )

describe.each(['tes-1.1', 'tesk', 'funnel', 'hostile'] as const)('the client at a %s site', personality => {
  const open = (options: FakeSiteOptions = {}) => createFakeSite({ personality, ...options })

  it('submits, waits to the end whatever states pass by, and reads the task', async () => {
    await using site = await open({
      steps: personality === 'tesk' ? () => ['QUEUED', 'INITIALIZING', 'RUNNING', 'QUEUED', 'COMPLETE'] : undefined,
    })
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    const done = await client.waitForTask(id)
    expect(done).toMatchObject({ id, state: 'COMPLETE', name: 'count', executors: TASK.executors, tags: TASK.tags })
    expect(done.logs?.at(-1)?.logs[0]?.exit_code).toBe(0)
    expect(JSON.stringify(done)).not.toContain('null')
  })

  it('walks a list of many pages and meets each task once', async () => {
    await using site = await open()
    site.addOldTasks(23)
    const list = await clientOf(site).listTasks({ pageSize: 5 }).toArray()
    expect(new Set(list.map(task => task.id)).size).toBe(23)
    expect(list).toHaveLength(23)
    expect(site.requests.every(request => request.url.includes('view=MINIMAL'))).toBe(true)
  })

  it('filters by state even where the site does not', async () => {
    await using site = await open({ progress: 'manual', steps: () => ['RUNNING', 'COMPLETE'] })
    site.addOldTasks(3)
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    expect((await client.listTasks({ state: 'RUNNING' }).toArray()).map(task => task.id)).toEqual([id])
    expect((await client.listTasks({ view: 'BASIC', tags: { a: 'b' }, namePrefix: 'co' }).toArray()).map(task => task.id)).toContain(id)
  })

  it('cancels, whatever body the answer has', async () => {
    await using site = await open({ progress: 'manual', steps: () => ['RUNNING', 'COMPLETE'] })
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    await client.cancelTask(id)
    expect((await client.getTask(id)).state).toBe('CANCELED')
  })

  it('reads service-info and finds the base path from the bare address', async () => {
    await using site = await open()
    const found = await discover(site.url.replace('/ga4gh/tes/v1', ''))
    expect(found.url).toBe(site.url)
    expect(found.serviceInfo.id).toBe('org.example.fake')
    expect(site.requests.every(request => request.method === 'GET')).toBe(true)
  })
})

describe('the evidence after a submission', () => {
  const rows: [string, Effect, string, string, number][] = [
    ['a 502 after commit', { do: 'answer', status: 502, committed: true }, 'server_error', 'unknown', 1],
    ['a 502 before commit', { do: 'answer', status: 502 }, 'server_error', 'unknown', 0],
    ['a connection cut after commit', { do: 'hang-up', committed: true }, 'connection_lost', 'unknown', 1],
    ['a connection cut before commit', { do: 'hang-up' }, 'connection_lost', 'unknown', 0],
    ['an answer that is held back too long', { do: 'hold' }, 'timeout', 'unknown', 1],
    ['an answer that drips', { do: 'drip', everyMs: 40 }, 'timeout', 'unknown', 1],
    ['an answer that is cut off', { do: 'drip', everyMs: 0, bytes: 4 }, 'connection_lost', 'unknown', 1],
    ['a 200 with HTML', { do: 'answer', status: 200, body: '<html>', committed: true }, 'unreadable', 'unknown', 1],
    ['a 200 without an id', { do: 'answer', status: 200, body: {}, committed: true }, 'unreadable', 'unknown', 1],
    ['a 429', { do: 'answer', status: 429, headers: { 'Retry-After': '7' } }, 'too_many_requests', 'refused', 0],
    ['a 400', { do: 'answer', status: 400, body: { msg: 'no' } }, 'bad_request', 'refused', 0],
    ['a 401', { do: 'answer', status: 401 }, 'unauthorized', 'refused', 0],
  ]
  it.each(rows)('is right for %s, and one POST is sent', async (_sentence, effect, code, delivery, stored) => {
    await using site = await createFakeSite()
    site.script.add('create', effect)
    const error = await failureOf(clientOf(site, { timeoutMs: 200 }).createTask(TASK))
    expect([error.code, error.delivery, site.tasks.size, site.requests.length]).toEqual([code, delivery, stored, 1])
  })

  it('is a timeout if the task is stored only after the client has gone', async () => {
    await using site = await createFakeSite()
    site.script.add('create', { do: 'delay' })
    const error = await failureOf(clientOf(site, { timeoutMs: 50 }).createTask(TASK))
    expect([error.code, error.delivery, site.tasks.size]).toEqual(['timeout', 'unknown', 0])
    site.script.release()
    await expect.poll(() => site.tasks.size).toBe(1)
  })

  it('is "not sent" for a task that is not good', async () => {
    await using site = await createFakeSite()
    const error = await failureOf(clientOf(site).createTask({ executors: [] }))
    expect([error.code, error.delivery, error.problems[0]?.path, site.requests.length]).toEqual(['bad_request', 'not_sent', 'executors', 0])
  })

  it('carries the idempotency key and no null', async () => {
    await using site = await createFakeSite()
    await clientOf(site).createTask({ ...TASK, name: undefined }, { idempotencyKey: 'k1' })
    expect(site.requests[0]?.headers['idempotency-key']).toBe('k1')
    expect(site.requests[0]?.body).not.toContain('null')
  })
})

describe('reading', () => {
  it('tries a GET again after a cut connection, a 429 and a 502', async () => {
    await using site = await createFakeSite()
    const client = clientOf(site, { maxRetries: 3 })
    const { id } = await client.createTask(TASK)
    site.script
      .add('get', { do: 'hang-up' })
      .add('get', { do: 'answer', status: 429, headers: { 'Retry-After': '0' } })
      .add('get', { do: 'answer', status: 502 })
    expect((await client.getTask(id)).id).toBe(id)
    expect(site.requests.filter(request => request.operation === 'get')).toHaveLength(4)
  })

  it('tells a page token that expired on the way', async () => {
    await using site = await createFakeSite()
    site.addOldTasks(9)
    const walk = clientOf(site).listTasks({ pageSize: 4 }).pages()[Symbol.asyncIterator]()
    await walk.next()
    site.quirks.tokensExpired = true
    expect(await failureOf(Promise.resolve(walk.next()))).toMatchObject({ code: 'server_error' })
  })

  it('shows a task that stands on two pages twice, as the server did', async () => {
    await using site = await createFakeSite()
    site.addOldTasks(6)
    site.quirks.repeatsAcrossPages = true
    const list = await clientOf(site).listTasks({ pageSize: 3 }).toArray()
    expect(list.length).toBeGreaterThan(6)
    expect(new Set(list.map(task => task.id)).size).toBe(6)
  })

  it('counts what is no task on a page', async () => {
    await using site = await createFakeSite({ personality: 'hostile' })
    site.addOldTasks(2)
    expect(await clientOf(site).listPage()).toMatchObject({ items: [{}, {}], unreadable: 3 })
  })

  it('T10 does not take an answer about another task', async () => {
    await using site = await createFakeSite()
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    site.script.add('get', { do: 'answer', status: 200, body: { id: 'other', state: 'COMPLETE' } })
    expect(await failureOf(client.getTask(id))).toMatchObject({ code: 'unreadable' })
  })

  it('never asks for an id that would leave the path', async () => {
    await using site = await createFakeSite()
    const client = clientOf(site)
    for (const id of ['', '.', '..'])
      expect(await failureOf(client.getTask(id))).toMatchObject({ code: 'bad_request', delivery: 'not_sent' })
    expect(await failureOf(client.getTask('../service-info'))).toMatchObject({ code: 'not_found' })
  })

  it('shows its token to no error', async () => {
    const right = makeSecret('right')
    await using site = await createFakeSite({ personality: 'tesk', token: right })
    const error = await failureOf(clientOf(site, { auth: bearer(makeSecret('very-wrong')) }).listPage())
    expect(error.code).toBe('unauthorized')
    expect(error.message).not.toContain('very-wrong')
    expect((await clientOf(site, { auth: bearer(right) }).listPage()).items).toEqual([])
  })
})

describe('waiting', () => {
  it('for many tasks looks at the list, not at each', async () => {
    await using site = await createFakeSite()
    const client = clientOf(site)
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await client.createTask(TASK)).id))
    const done = await client.waitForTasks(ids)
    expect(done.map(task => [task.id, task.state])).toEqual(ids.map(id => [id, 'COMPLETE']))
    expect(site.requests.filter(request => request.operation === 'get')).toHaveLength(20)
    expect(site.requests.filter(request => request.operation === 'list').length).toBeLessThan(8)
  })

  it('lives through an outage, a missing sweep and a busy site, with longer and longer pauses', async () => {
    await using site = await createFakeSite()
    const pauses: number[] = []
    const client = clientOf(site, { pollIntervalMs: 1_000, pause: async ms => void pauses.push(ms) })
    const { id } = await client.createTask(TASK)
    site.script.add('get', { do: 'hang-up' }, { times: 2 }).add('get', { do: 'answer', status: 429, headers: { 'Retry-After': '40' } })
    site.script.add('get', { do: 'answer', status: 404 }, { times: 2 })
    expect((await client.waitForTask(id)).state).toBe('COMPLETE')
    expect(pauses.slice(0, 4)).toEqual([2_000, 4_000, 40_000, 1_000])
  })

  it('tells of each state once, of every look that failed, and gives the view that was asked for', async () => {
    await using site = await createFakeSite({ steps: () => ['QUEUED', 'RUNNING', 'RUNNING', 'COMPLETE'] })
    const client = clientOf(site)
    const heard: string[] = []
    const listeners = {
      onState: (state: string, id: string) => void heard.push(`${id} ${state}`),
      onTrouble: ({ code }: ApiError) => void heard.push(code),
    }
    const ids = [(await client.createTask(TASK)).id, (await client.createTask(TASK)).id]
    site.script.add('get', { do: 'answer', status: 503 }, { id: ids[1] })
    const done = await client.waitForTasks(ids, { ...listeners, view: 'MINIMAL' })
    expect(done).toEqual(ids.map(id => ({ id, state: 'COMPLETE' })))
    expect(heard.filter(line => line === 'server_error')).toHaveLength(1)
    for (const id of ids) {
      const states = heard.filter(line => line.startsWith(id)).map(line => line.slice(id.length + 1))
      expect(states).toEqual(['QUEUED', 'RUNNING', 'COMPLETE'])
    }
  })

  it('ends when the site says three times that there is no such task', async () => {
    await using site = await createFakeSite()
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    site.forget()
    expect(await failureOf(client.waitForTask(id))).toMatchObject({ code: 'not_found' })
    expect(site.requests.filter(request => request.operation === 'get')).toHaveLength(3)
  })

  it('for several ends with the first that fails, and asks no more', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    expect(await failureOf(client.waitForTasks([id, 'other']))).toMatchObject({ code: 'not_found' })
    const asked = site.requests.length
    await client.getServiceInfo()
    expect(site.requests.length).toBeLessThanOrEqual(asked + 2)
  })

  it('ends when the caller gives up, and asks no more', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const caller = new AbortController()
    let looks = 0
    const client = clientOf(site, {
      pause: async () => {
        if (++looks === 3) caller.abort()
      },
    })
    const { id } = await client.createTask(TASK)
    expect(await failureOf(client.waitForTask(id, { signal: caller.signal }))).toMatchObject({ code: 'aborted' })
    expect(site.requests.filter(request => request.operation === 'get')).toHaveLength(3)
  })
})

it('gives each view its own type', async () => {
  await using site = await createFakeSite()
  const client = clientOf(site)
  const { id } = await client.createTask(TASK)
  expectTypeOf(await client.getTask(id)).toEqualTypeOf<ReadMinimal>()
  expectTypeOf(await client.getTask(id, { view: 'MINIMAL' })).toEqualTypeOf<ReadMinimal>()
  expectTypeOf(await client.getTask(id, { view: 'BASIC' })).toEqualTypeOf<ReadBasic>()
  expectTypeOf(await client.getTask(id, { view: 'FULL' })).toEqualTypeOf<ReadTask>()
  expectTypeOf(await client.waitForTask(id, { view: 'BASIC' })).toEqualTypeOf<ReadBasic>()
  expectTypeOf(await client.waitForTasks([id])).toEqualTypeOf<ReadTask[]>()
  expectTypeOf(await client.listTasks({ view: 'FULL' }).toArray()).toEqualTypeOf<ReadTask[]>()
  expectTypeOf(await client.listTasks().toArray()).toEqualTypeOf<ReadMinimal[]>()
  // @ts-expect-error a MINIMAL task has no logs
  expect((await client.getTask(id)).logs).toBeUndefined()
})
