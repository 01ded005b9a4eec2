import request from 'supertest'
import { describe, expect, it } from 'vitest'
import { BASE, EXECUTOR, FULL, serve } from '../../test/serve.ts'
import { HttpProblem } from './index.ts'

describe('an answer', () => {
  it.each([
    ['', {}],
    ['?view=MINIMAL', {}],
    ['?view=', {}],
    ['?foo=bar&view=MINIMAL', {}],
  ])('in the MINIMAL view (%s) is exactly id and state', async query => {
    const { body, headers } = await request(serve().app).get(`${BASE}/tasks/t1${query}`).expect(200)
    expect(body).toEqual({ id: 't1', state: 'COMPLETE' })
    expect(headers['content-type']).toBe('application/json')
    expect(headers.etag).toBeUndefined()
    expect(headers['x-request-id']).toBeTruthy()
  })

  it('in the BASIC view has no content, no log texts and no system logs', async () => {
    const { body } = await request(serve().app).get(`${BASE}/tasks/t1?view=BASIC`).expect(200)
    expect(body).toEqual({
      id: 't1',
      state: 'COMPLETE',
      inputs: [{ path: '/a' }],
      executors: [{ ...EXECUTOR, stdout: '/out' }],
      logs: [{ logs: [{ exit_code: 0 }], outputs: [] }],
    })
  })

  it('in the FULL view has everything', async () => {
    const { body } = await request(serve().app).get(`${BASE}/tasks/t1?view=FULL`).expect(200)
    expect(body).toEqual(FULL)
  })

  it('to a list holds tasks in the view asked for, and leaves out the token on the last page', async () => {
    const first = await request(serve().app).get(`${BASE}/tasks`).expect(200)
    expect(first.body).toEqual({ tasks: [{ id: 't1', state: 'COMPLETE' }], next_page_token: 'next' })
    const last = await request(serve({ listTasks: () => ({ tasks: [] }) }).app)
      .get(`${BASE}/tasks`)
      .expect(200)
    expect(last.text).toBe('{"tasks":[]}')
  })

  it('may be JSON text that the handler has ready', async () => {
    const { app } = serve({ getTask: () => '{"id":"x","state":"QUEUED"}', cancelTask: async () => '{}' })
    expect((await request(app).get(`${BASE}/tasks/x`)).text).toBe('{"id":"x","state":"QUEUED"}')
    expect((await request(app).post(`${BASE}/tasks/x:cancel`)).text).toBe('{}')
  })

  it('may be a problem, returned or thrown, at once or later', async () => {
    const problem = () => new HttpProblem(503, 'Come again.', { headers: { 'Retry-After': '5' } })
    const { app } = serve({
      getTask: () => problem(),
      cancelTask: () => Promise.reject(problem()),
      createTask: async () => problem(),
      listTasks: () => {
        throw problem()
      },
    })
    const answers = await Promise.all([
      request(app).get(`${BASE}/tasks/x`),
      request(app).post(`${BASE}/tasks/x:cancel`),
      request(app)
        .post(`${BASE}/tasks`)
        .send({ executors: [EXECUTOR] }),
      request(app).get(`${BASE}/tasks`),
    ])
    for (const { status, body, headers } of answers) {
      expect([status, headers['retry-after']]).toEqual([503, '5'])
      expect(body).toEqual({
        msg: 'Come again.',
        status_code: 503,
        type: 'about:blank',
        title: 'Service Unavailable',
        detail: 'Come again.',
        request_id: headers['x-request-id'],
      })
    }
  })

  it('to a fault of the server is a 500 that says nothing of it, and the operator hears of it', async () => {
    const heard: unknown[] = []
    const { app } = serve({ getTask: () => Promise.reject(new Error('password=x')) }, { onError: error => heard.push(error) })
    const { status, text } = await request(app).get(`${BASE}/tasks/x`)
    expect(status).toBe(500)
    expect(text).not.toContain('password')
    expect(heard).toEqual([new Error('password=x')])
  })
})

describe('a path', () => {
  it.each(['/ga4gh/tes/v1', '/v1', '/ga4gh/v1', '', '//v1', '/ga4gh//tes///v1'])('below %s reaches every operation', async base => {
    const { app } = serve()
    await request(app).get(`${base}/service-info`).expect(200)
    await request(app).get(`${base}/tasks/service-info`).expect(200)
    await request(app).get(`${base}/tasks`).expect(200)
    await request(app).get(`${base}/tasks/`).expect(200)
    await request(app).get(`${base}/tasks/t1`).expect(200)
    await request(app)
      .post(`${base}/tasks`)
      .send({ executors: [EXECUTOR] })
      .expect(200, { id: 'new' })
    await request(app).post(`${base}/tasks/t1:cancel`).expect(200, {})
    await request(app).post(`${base}/tasks/t1%3Acancel`).expect(200, {})
    await request(app).delete(`${base}/tasks/t1:cancel`).expect(200, {})
  })

  it.each([
    ['GET', '/nothing', 404],
    ['GET', '/ga4gh/wes/v1/runs', 404],
    ['GET', `${BASE}/tasks/other`, 404],
    ['GET', `${BASE}/tasks/t1:cancel`, 404],
    ['PUT', `${BASE}/tasks/t1:cancel`, 405],
    ['POST', `${BASE}/tasks/other:cancel`, 404],
    ['PUT', `${BASE}/tasks`, 405],
    ['DELETE', `${BASE}/tasks/t1`, 405],
    ['GET', `${BASE}/tasks/%E0%A4%A`, 400],
    ['POST', `${BASE}/tasks/%E0%A4%A:cancel`, 400],
    ['GET', '/%E0%A4%A', 404],
  ] as const)('%s %s is %i, as JSON', async (method, path, status) => {
    const { app } = serve()
    const agent = request(app)
    const send = { GET: () => agent.get(path), POST: () => agent.post(path), PUT: () => agent.put(path), DELETE: () => agent.delete(path) }
    const answer = await send[method]()
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/json'])
    expect(answer.body).toMatchObject({ msg: expect.any(String), status_code: status, request_id: expect.any(String) })
  })
})

describe('a cancel', () => {
  it.each([
    ['an empty body declared as JSON', 'application/json', ''],
    ['the JSON body null', 'application/json', 'null'],
    ['an empty object', 'application/json', '{}'],
    ['broken JSON', 'application/json', '{'],
    ['text', 'text/plain', 'x'],
  ])('takes %s', async (_sentence, type, body) => {
    await request(serve().app).post(`${BASE}/tasks/t1:cancel`).set('Content-Type', type).send(body).expect(200, {})
  })
})

it('gives a handler the signal of a client that hangs up', async () => {
  const aborted = Promise.withResolvers<boolean>()
  const reached = Promise.withResolvers<void>()
  const { app } = serve({
    getTask: ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve(true))
      reached.resolve()
      return new Promise(() => {})
    },
  })
  const pending = request(app).get(`${BASE}/tasks/t1`)
  void pending.end(() => {})
  await reached.promise
  void pending.abort()
  expect(await aborted.promise).toBe(true)
})
