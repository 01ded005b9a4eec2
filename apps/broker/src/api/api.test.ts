import { request } from 'node:http'
import { TesServiceInfo, TesTask } from '@portolan/tes'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { call } from '../../test/call.ts'
import { type ApiTestOptions, type RunningApi, startApi } from '../../test/start-api.ts'
import { LOCAL } from '../auth/principal.ts'
import { StoreUnavailable } from '../stores/store.ts'
import { Decision, Readiness } from './portolan-schemas.ts'

const task = { name: 'count', tags: { run: '7' }, executors: [{ image: 'alpine:3', command: ['true'] }] }
const base = '/ga4gh/tes/v1'

let running: RunningApi | undefined
afterEach(async () => {
  await running?.[Symbol.asyncDispose]()
  running = undefined
})

async function start(options: ApiTestOptions = {}) {
  const api = await startApi(options)
  running = api
  const get = async (path: string, headers = {}) => {
    const answer = await call(api.port, { path, headers })
    return { ...answer, json: answer.text.startsWith('{') ? JSON.parse(answer.text) : undefined }
  }
  const post = async (path: string, body?: unknown, headers = {}) => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await call(api.port, { method: 'POST', path, headers, ...text })
    return { ...answer, json: JSON.parse(answer.text) }
  }
  const create = async (body: unknown = task, headers = {}): Promise<string> => (await post(`${base}/tasks`, body, headers)).json.id
  return { api, get, post, create }
}

describe('a task at the API', () => {
  it('is answered with its id, shown in the view that is asked for, and the dispatcher is woken', async () => {
    const { api, get, post } = await start()
    const created = await post(`${base}/tasks`, task)
    expect(created).toMatchObject({ status: 200, json: { id: expect.stringMatching(/^[0-9A-Z]{26}$/) } })
    const { id } = created.json
    expect((await get(`/v1/tasks/${id}`)).json).toEqual({ id, state: 'QUEUED' })
    const full = (await get(`/tasks/${id}?view=FULL`)).json
    expect(full).toEqual({ ...task, id, state: 'QUEUED', creation_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) })
    expect(TesTask.parse(full)).toEqual(full)
    await vi.waitFor(() => expect(api.wakeUps).toEqual(['dispatch']))
  })

  it('says once what of it was ignored, and does not show it', async () => {
    const { get, create } = await start()
    const id = await create({
      ...task,
      workspace: 'x',
      resources: { ram_gb: 1, backend_parameters: { VmSize: 'L', portolan_locality: 'prefer' } },
    })
    const full = (await get(`${base}/tasks/${id}?view=FULL`)).json
    expect(full.resources).toEqual({ ram_gb: 1, backend_parameters: { portolan_locality: 'prefer' } })
    expect(full.logs).toEqual([
      { logs: [], outputs: [], system_logs: [expect.stringContaining('workspace'), expect.stringContaining('VmSize')] },
    ])
    expect((await get(`${base}/tasks/${id}?view=BASIC`)).json.logs).toEqual([{ logs: [], outputs: [] }])
  })

  it('is cancelled as often as one likes', async () => {
    const { get, post, create } = await start()
    const id = await create()
    for (const path of [`${base}/tasks/${id}:cancel`, `/v1/tasks/${id}%3Acancel`, `//tasks/${id}:cancel`]) {
      expect(await post(path)).toMatchObject({ status: 200, json: {} })
    }
    expect((await get(`${base}/tasks/${id}`)).status).toBe(200)
  })

  it('is created once for one Idempotency-Key, and the key takes no other task', async () => {
    const { create, post } = await start()
    const headers = { 'idempotency-key': 'k1' }
    const id = await create(task, headers)
    expect(await create(task, headers)).toBe(id)
    expect(await create(task, { 'idempotency-key': 'k2' })).not.toBe(id)
    expect(await post(`${base}/tasks`, { ...task, name: 'other' }, headers)).toMatchObject({
      status: 422,
      json: { type: 'urn:portolan:error:key-reused' },
    })
  })

  it('whose client hung up is held, and an equal create on another mount gets its id', async () => {
    const holding = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const { api, post } = await start({
      wrapStore: store => ({
        ...store,
        execute: async command => {
          if (command.kind === 'create') {
            asked.resolve()
            await holding.promise
          }
          return store.execute(command)
        },
      }),
    })
    const impatient = request({
      port: api.port,
      host: '127.0.0.1',
      method: 'POST',
      path: `${base}/tasks`,
      headers: { 'content-type': 'application/json' },
    })
    impatient.on('error', () => undefined)
    impatient.end(JSON.stringify(task))
    await asked.promise
    impatient.destroy()
    await vi.waitFor(() => expect(api.accessLines.join()).toContain('"status":499'), { timeout: 10_000 })
    const second = post('/v1/tasks', task)
    holding.resolve()
    const { id } = (await second).json
    const { rows } = await api.store.listWork(LOCAL, { tags: [] }, { size: 10, kind: 'task' })
    expect(rows.map(row => row.id)).toEqual([id])
  })

  it('cannot be created while the store cannot write, and can still be read', async () => {
    let broken = false
    const { get, post, create } = await start({
      wrapStore: store => ({
        ...store,
        execute: command => (broken ? Promise.reject(new StoreUnavailable('disk full')) : store.execute(command)),
        checkWritable: () => (broken ? Promise.reject(new StoreUnavailable('disk full')) : store.checkWritable()),
      }),
    })
    const id = await create()
    broken = true
    const refused = await post(`${base}/tasks`, task)
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(refused.text).not.toContain('disk full')
    expect((await get(`${base}/tasks/${id}`)).status).toBe(200)
    const ready = await get('/readyz')
    expect([ready.status, Readiness.parse(ready.json)]).toEqual([
      503,
      { ready: false, problems: ['the store cannot be written'], notes: [] },
    ])
    expect((await get('/healthz')).json).toEqual({ status: 'ok' })
  })

  it('is refused on a full disk, and readiness remembers it although small writes go on', async () => {
    let passed = 0
    const { get, post, create } = await start({
      storeSwitches: { sparePages: 60 },
      wrapStore: store => ({ ...store, sinceRefusal: () => store.sinceRefusal() + passed }),
    })
    await create()
    expect((await get('/readyz')).status).toBe(200)
    const content = Array.from({ length: 100_000 }, (_, i) => Math.imul(i, 2_654_435_761)).join()
    expect((await post(`${base}/tasks`, { ...task, inputs: [{ path: '/in', content: content.slice(0, 1_000_000) }] })).status).toBe(503)
    await create()
    const problems = ['the store has refused a write within the last 30 s']
    await expect(get('/readyz')).resolves.toMatchObject({ status: 503, json: { ready: false, problems } })
    passed = 30_000
    expect((await get('/readyz')).status).toBe(200)
  })
})

describe('a list at the API', () => {
  it('walks every task once, newest first, whatever is added on the way', async () => {
    const { get, create } = await start()
    const ids: string[] = []
    for (let i = 0; i < 7; i += 1) ids.push(await create({ ...task, tags: { run: String(i % 2) } }))
    const seen: string[] = []
    let token = ''
    do {
      const { json } = await get(`${base}/tasks?page_size=2&view=BASIC${token && `&page_token=${token}`}`)
      seen.push(...json.tasks.map((entry: { id: string }) => entry.id))
      token = json.next_page_token ?? ''
      await create()
    } while (token !== '')
    expect(seen).toEqual(ids.toReversed())
    const odd = (await get(`${base}/tasks?tag_key=run&tag_value=1`)).json
    expect(odd.tasks.map((entry: { id: string }) => entry.id)).toEqual([ids[5], ids[3], ids[1]])
    expect(odd.tasks[0]).toEqual({ id: ids[5], state: 'QUEUED' })
  })

  it('takes no token of another list', async () => {
    const { get, create } = await start()
    for (let i = 0; i < 3; i += 1) await create()
    const { next_page_token: token } = (await get(`${base}/tasks?page_size=1`)).json
    expect((await get(`${base}/tasks?page_size=1&page_token=${token}`)).status).toBe(200)
    expect((await get(`${base}/tasks?page_size=1&name_prefix=c&page_token=${token}`)).json.problems[0].path).toBe('page_token')
  })
})

describe('what else is served', () => {
  it('service-info in full, and in the old form at the old path', async () => {
    const { get } = await start()
    const info = TesServiceInfo.parse((await get(`${base}/service-info`)).json)
    expect(info.type).toEqual({ group: 'org.ga4gh', artifact: 'tes', version: '1.1.0' })
    expect(info.tesResources_backend_parameters).toContain('portolan_locality')
    expect(Object.keys((await get('/v1/tasks/service-info')).json)).toEqual(['name', 'doc', 'storage'])
  })

  it('404 for every unknown path, with JSON', async () => {
    const { get } = await start()
    for (const path of ['/', '/nothing', '/ga4gh/tes/v1', '/ga4gh/tes/v2/tasks', '/v1/portolan/v1/sites', '/portolan/..%2f..%2fetc']) {
      expect(await get(path)).toMatchObject({ status: 404, json: { status_code: 404 } })
    }
  })

  it('a dry run, as JSON and as text', async () => {
    const { api, get, post } = await start()
    const decision = await post('/portolan/v1/placements', task)
    expect([decision.status, Decision.parse(decision.json).outcome]).toEqual([200, 'refused'])
    const asText = { method: 'POST', path: '/portolan/v1/placements', headers: { accept: 'text/plain' }, body: JSON.stringify(task) }
    expect((await call(api.port, asText)).text).toContain('No site is declared')
    expect((await post('/portolan/v1/placements', { executors: [] })).json.problems[0].path).toBe('executors')
    expect((await get('/portolan/v1/placements')).status).toBe(405)
  })

  it('ids of requests that tell nothing of how much others ask', async () => {
    const { api } = await start()
    const ids = []
    for (let at = 0; at < 3; at++) ids.push(String((await call(api.port, { path: '/healthz' })).headers['x-request-id']))
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it('sites, locations, projects, attempts and the decision of a task', async () => {
    const { get, create } = await start()
    const id = await create()
    expect((await get('/portolan/v1/sites')).json).toEqual({ sites: [] })
    expect((await get('/portolan/v1/locations')).json).toEqual({ locations: [] })
    expect((await get('/portolan/v1/projects')).json).toEqual({
      projects: [{ id: 'local', name: 'Local', visibility: 'owner', use: { queued: 0 } }],
    })
    expect((await get(`/portolan/v1/tasks/${id}/attempts`)).json).toEqual({ attempts: [] })
    expect((await get(`/portolan/v1/tasks/${id}/placement`)).json.type).toBe('urn:portolan:error:decision-unknown')
    expect((await get('/portolan/v1/tasks/01JZZZZZZZZZZZZZZZZZZZZZZZ/attempts')).json.type).toBe('urn:portolan:error:task-unknown')
  })

  it('metrics only to the addresses that the operator names, and to nobody through a proxy that is not believed', async () => {
    const ask = async (options: Parameters<typeof start>[0], headers: Record<string, string> = {}) => {
      const { api } = await start(options)
      const { status, text } = await call(api.port, { path: '/metrics', headers })
      return status === 200 ? status : JSON.parse(text).type
    }
    const closed = 'urn:portolan:error:metrics-closed'
    expect(await ask({})).toBe(200)
    expect(await ask({ metricsFrom: ['10.0.0.0/8'] })).toBe(closed)
    expect(await ask({}, { 'x-forwarded-for': '127.0.0.1' })).toBe(closed)
    expect(await ask({}, { forwarded: 'for=192.0.2.1' })).toBe(closed)
    expect(await ask({ trustProxy: ['127.0.0.1'] }, { 'x-forwarded-for': '192.0.2.1' })).toBe(closed)
    expect(await ask({ trustProxy: ['127.0.0.1'], metricsFrom: ['192.0.2.0/24'] }, { 'x-forwarded-for': '192.0.2.1' })).toBe(200)
    const { api } = await start({ metricsFrom: [] })
    for (const path of ['/healthz', '/readyz']) expect((await call(api.port, { path })).status).toBe(200)
  })

  it('metrics of requests, and the contracts', async () => {
    const { get, create } = await start({ renderMetrics: () => 'other 1\n' })
    await create()
    const metrics = (await get('/metrics')).text
    expect(metrics).toContain('portolan_http_request_seconds_count{operation="CreateTask",status="200"} 1')
    expect(metrics).toContain('other 1')
    expect((await get('/openapi/tes-1.1.yaml')).text).toContain('openapi:')
    expect((await get('/openapi/other.yaml')).status).toBe(404)
  })

  it('T13 preflights and answers of configured origins alone', async () => {
    const { api, get } = await start({ corsOrigins: ['https://portal.example'] })
    const preflight = await call(api.port, { method: 'OPTIONS', path: `${base}/tasks`, headers: { origin: 'https://portal.example' } })
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, 'https://portal.example'])
    expect((await get(`${base}/tasks`, { origin: 'https://portal.example' })).headers['access-control-allow-origin']).toBe(
      'https://portal.example',
    )
    const other = { origin: 'https://other.example' }
    const refused = await get(`${base}/tasks`, other)
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([403, undefined])
    const asked = await call(api.port, { method: 'OPTIONS', path: `${base}/tasks`, headers: other })
    expect([asked.status === 204, asked.headers['access-control-allow-origin']]).toEqual([false, undefined])
  })
})

describe('what is secret', () => {
  it('appears in no log line and no error', async () => {
    const { api, get, create, post } = await start()
    const secret = makeSecret('content')
    const id = await create({ ...task, inputs: [{ path: '/run.sh', content: secret }] })
    await get(`${base}/tasks/${id}?view=FULL&token=${secret}`, { authorization: `Bearer ${secret}` })
    const refused = await post(`${base}/tasks`, { executors: secret, inputs: [{ path: 'x', content: secret }] })
    await api.api.drain(5_000)
    expect(api.accessLines.length).toBeGreaterThanOrEqual(3)
    expect(JSON.stringify([api.accessLines, api.errors, refused.text])).not.toContain(secret)
  })
})
