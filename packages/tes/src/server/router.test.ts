import request from 'supertest'
import { describe, expect, it } from 'vitest'
import type { TesTaskFull } from '../index.ts'
import { createTesApp, HttpProblem, type TesHandlers, type TesRouterOptions } from './index.ts'

const EXECUTOR = { image: 'alpine:3', command: ['true'] }
const FULL: TesTaskFull = {
  id: 't1',
  state: 'COMPLETE',
  inputs: [{ path: '/a', content: 'secret' }],
  executors: [{ ...EXECUTOR, stdout: '/out' }],
  logs: [{ logs: [{ exit_code: 0, stdout: 'text', stderr: 'text' }], outputs: [], system_logs: ['line'] }],
}

/** A server whose handlers keep what they were given. */
function serve(change: Partial<TesHandlers> = {}, options: TesRouterOptions = {}) {
  const given: unknown[] = []
  const keep = <T>(value: T): T => {
    given.push(value)
    return value
  }
  const app = createTesApp(
    {
      getServiceInfo: () => ({
        id: 'org.test',
        name: 'test',
        type: { group: 'org.ga4gh', artifact: 'tes', version: '1.1.0' },
        organization: { name: 'test', url: 'https://example.org' },
        version: '1',
      }),
      listTasks: (_call, query) => {
        keep(query)
        return { tasks: [FULL], nextPageToken: 'next' }
      },
      createTask: (_call, task) => {
        keep(task)
        return { id: 'new' }
      },
      getTask: (_call, args) => (keep(args).id === 't1' ? FULL : undefined),
      cancelTask: async (_call, args) => (keep(args).id === 't1' ? {} : undefined),
      ...change,
    },
    options,
  )
  return { app, given }
}

const BASE = '/ga4gh/tes/v1'
const post = (task: unknown, options?: TesRouterOptions) =>
  request(serve({}, options).app)
    .post(`${BASE}/tasks`)
    .send(task as object)

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

describe('a submitted task', () => {
  it('reaches the handler without nulls, unknown keys and the fields of the server', async () => {
    const unknown: string[] = []
    const { app, given } = serve({}, { onUnknownKeys: keys => unknown.push(...keys) })
    const body = {
      id: null,
      state: 'COMPLETE',
      logs: 'nonsense',
      creation_time: 5,
      foo: 1,
      tags: { parent: null, a: 'b' },
      executors: [{ ...EXECUTOR, bar: { a: 1 }, stdin: null }],
    }
    await request(app).post(`${BASE}/tasks`).send(body).expect(200)
    await request(app).post(`${BASE}/tasks`).send(body).expect(200)
    expect(given[0]).toEqual({ tags: { a: 'b' }, executors: [EXECUTOR] })
    expect(unknown).toEqual(['foo', 'executors[].bar'])
  })

  const executor = (change: object) => ({ executors: [{ ...EXECUTOR, ...change }] })
  const task = (change: object) => ({ executors: [EXECUTOR], ...change })
  it.each<[string, unknown, string]>([
    ['the wrong field types', task({ name: 5 }), 'name'],
    ['a number as tag', task({ tags: { a: 1 } }), 'tags.a'],
    ['a number of cores as text', task({ resources: { cpu_cores: '2' } }), 'resources.cpu_cores'],
    ['an unknown file type', task({ inputs: [{ path: '/a', url: '/b', type: 'LINK' }] }), 'inputs[0].type'],
    ['a command as text', executor({ command: 'true' }), 'executors[0].command'],
    ['a null argument', executor({ command: ['a', null] }), 'executors[0].command[1]'],
    ['a missing executor list', {}, 'executors'],
    ['null as executor list', task({ executors: null }), 'executors'],
    ['no executor', task({ executors: [] }), 'executors'],
    ['an empty command', executor({ command: [] }), 'executors[0].command'],
    ['a missing image', { executors: [{ command: ['true'] }] }, 'executors[0].image'],
    ['a relative workdir', executor({ workdir: 'work' }), 'executors[0].workdir'],
    ['a relative stdout', executor({ stdout: 'out' }), 'executors[0].stdout'],
    ['a relative input path', task({ inputs: [{ path: 'a', url: '/b' }] }), 'inputs[0].path'],
    ['a relative output path', task({ outputs: [{ path: 'a', url: '/b' }] }), 'outputs[0].path'],
    ['a relative volume', task({ volumes: ['v'] }), 'volumes[0]'],
    ['content over the limit', task({ inputs: [{ path: '/a', content: 'x'.repeat(1025) }] }), 'inputs[0].content'],
    ['an image with a blank', executor({ image: 'a b' }), 'executors[0].image'],
    ['an image with a quote', executor({ image: "a'b" }), 'executors[0].image'],
    ['an image with a control character', executor({ image: 'a\u0000' }), 'executors[0].image'],
    ['an image that begins with "-"', executor({ image: '-v' }), 'executors[0].image'],
    ['a workdir with a blank', executor({ workdir: '/a b' }), 'executors[0].workdir'],
    ['a workdir with a quote', executor({ workdir: '/a"b' }), 'executors[0].workdir'],
    ['a workdir with a control character', executor({ workdir: '/a\n' }), 'executors[0].workdir'],
    ['a workdir that begins with "-"', executor({ workdir: '-v' }), 'executors[0].workdir'],
    ['a list instead of a task', [], ''],
    ['the JSON body null', 'null', ''],
  ])('with %s is a 400 that names the field and the fix', async (_sentence, body, field) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const { app, given } = serve({}, { limits: { contentBytes: 1024 } })
    const answer = await request(app).post(`${BASE}/tasks`).set('Content-Type', 'application/json').send(sent)
    expect([answer.status, given]).toEqual([400, []])
    expect(answer.body.problems).toContainEqual({ path: field, message: expect.any(String), fix: expect.any(String) })
    expect(answer.body.msg).toContain(answer.body.problems[0].fix)
  })

  it('has all its faults named at once', async () => {
    const { body } = await post({ name: 1, executors: [{ image: 2, command: ['x'] }], volumes: 'v' }).expect(400)
    expect(body.problems.map((problem: { path: string }) => problem.path).sort((a: string, b: string) => (a < b ? -1 : 1))).toEqual([
      'executors[0].image',
      'name',
      'volumes',
    ])
  })

  it('over the limit is a 413', async () => {
    const { body } = await post(task({ description: 'x'.repeat(2_000) }), { bodyBytes: 1_000 }).expect(413)
    expect(body.msg).toContain('1000 bytes')
  })

  it.each([
    ['broken JSON', 'application/json', '{"executors": [secret', 400],
    ['an empty body', 'application/json', '', 400],
    ['text declared as text', 'text/plain', '{}', 415],
    ['a form', 'application/x-www-form-urlencoded', 'a=b', 415],
    ['an unknown character set', 'application/json; charset=latin-9', '{}', 415],
  ])('as %s is refused without repeating it', async (_sentence, type, body, status) => {
    const answer = await request(serve().app).post(`${BASE}/tasks`).set('Content-Type', type).send(body)
    expect([answer.status, answer.body.status_code]).toEqual([status, status])
    expect(answer.text).not.toContain('secret')
  })

  it('nested a hundred thousand deep, or with a million faults, is a 400', async () => {
    const deep = `{"executors":[{"image":"a","command":["b"]}],"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    await request(serve().app).post(`${BASE}/tasks`).set('Content-Type', 'application/json').send(deep).expect(400)
    await post({ executors: [EXECUTOR], inputs: Array.from({ length: 1_000_000 }, () => 1) }).expect(400)
  })
})

describe('a list query', () => {
  it('reaches the handler as it was meant', async () => {
    const { app, given } = serve()
    await request(app)
      .get(`${BASE}/tasks?name_prefix=a&state=RUNNING&page_size=7&page_token=t&view=BASIC&tag_key=k&tag_value=v&tag_key=l&foo=1`)
      .expect(200)
    await request(app).get(`${BASE}/tasks?state=UNKNOWN&page_size=&view=&tag_key=k&tag_value=&tag_key=l&tag_value=w`).expect(200)
    expect(given).toEqual([
      { view: 'BASIC', pageSize: 7, pageToken: 't', namePrefix: 'a', state: 'RUNNING', tags: [{ key: 'k', value: 'v' }, { key: 'l' }] },
      { view: 'MINIMAL', pageSize: 256, tags: [{ key: 'k' }, { key: 'l', value: 'w' }] },
    ])
  })

  it.each([
    ['view=full', 'view'],
    ['view=NOPE', 'view'],
    ['view=BASIC&view=FULL', 'view'],
    ['page_size=0', 'page_size'],
    ['page_size=-1', 'page_size'],
    ['page_size=2048', 'page_size'],
    ['page_size=5000', 'page_size'],
    ['page_size=99999999999', 'page_size'],
    ['page_size=many', 'page_size'],
    ['page_size=1.5', 'page_size'],
    ['state=Running', 'state'],
    ['state=NOPE', 'state'],
    ['tag_value=v', 'tag_value'],
    ['tag_key=a&tag_value=v&tag_value=w', 'tag_value'],
    ['tag_key=a&tag_key=a', 'tag_key'],
    ['tag_key=', 'tag_key'],
  ])('%s is a 400 that names the parameter and the fix', async (query, field) => {
    const { body } = await request(serve().app).get(`${BASE}/tasks?${query}`).expect(400)
    expect(body.problems).toContainEqual({ path: field, message: expect.any(String), fix: expect.any(String) })
  })

  it.each(['foo=bar', 'tags[k]=v', '%E0%A4%A=x', '&&&', '__proto__=x'])('%s is ignored', async query => {
    const { app, given } = serve()
    await request(app).get(`${BASE}/tasks?${query}`).expect(200)
    expect(given).toEqual([{ view: 'MINIMAL', pageSize: 256, tags: [] }])
  })

  it('names an unknown view of one task too', async () => {
    const { body } = await request(serve().app).get(`${BASE}/tasks/t1?view=full`).expect(400)
    expect(body.problems).toEqual([{ path: 'view', message: expect.any(String), fix: 'Write one of MINIMAL, BASIC, FULL, in capitals.' }])
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
  pending.end(() => {})
  await reached.promise
  pending.abort()
  expect(await aborted.promise).toBe(true)
})
