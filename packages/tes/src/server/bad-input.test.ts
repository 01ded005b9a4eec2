import request from 'supertest'
import { describe, expect, it } from 'vitest'
import { BASE, EXECUTOR, serve } from '../../test/serve.ts'
import type { TesRouterOptions } from './index.ts'

const post = (task: unknown, options?: TesRouterOptions) =>
  request(serve({}, options).app)
    .post(`${BASE}/tasks`)
    .send(task as object)

/** The permutation of that number. */
function inOrder(number: number, items: readonly string[]): readonly string[] {
  const at = number % items.length
  const [item] = items.slice(at)
  return item === undefined ? [] : [item, ...inOrder(Math.floor(number / items.length), items.toSpliced(at, 1))]
}

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

  it.each(['gzip', 'deflate', 'br', 'nonsense'])(
    'T16 packed by %s is a 415 that says how to send it, before it is unpacked',
    async coding => {
      const { status, body } = await post(task({})).set('Content-Encoding', coding)
      expect([status, body.msg]).toEqual([415, expect.stringContaining('without Content-Encoding')])
    },
  )

  it('in UTF-8 may say so in any case, and begin with a mark of its order', async () => {
    const answer = await request(serve().app)
      .post(`${BASE}/tasks`)
      .set('Content-Type', 'application/json; Charset="UTF-8"')
      .send(`\uFEFF${JSON.stringify(task({}))}`)
    expect(answer.status).toBe(200)
  })

  it.each([
    [
      'a hundred thousand arrays in one another',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'more than 64 arrays and objects in one another',
    ],
    [
      'few names in ever new orders',
      JSON.stringify(Array.from({ length: 5_040 }, (_, at) => Object.fromEntries(inOrder(at, 'abcdefg'.split('')).map(name => [name, 0])))),
      'more than 10000 names of members in different orders',
    ],
    [
      'as many names as values',
      `{${Array.from({ length: 20_000 }, (_, at) => `"n${at}":0`).join()}}`,
      'more than 10000 names of members in different orders',
    ],
    ['half a million values that nobody asked for', `[${'{},'.repeat(500_000)}{}]`, 'more than 400000 values'],
    ['brackets without an end', '['.repeat(1_000_000), 'more than 64 arrays and objects in one another'],
  ])('T16 with %s is a 400 before it is parsed', async (_sentence, value, says) => {
    const body = `{"executors":[{"image":"a","command":["b"]}],"x":${value}}`
    const answer = await request(serve().app).post(`${BASE}/tasks`).set('Content-Type', 'application/json').send(body)
    expect([answer.status, answer.body.msg]).toEqual([400, expect.stringContaining(says)])
  })

  it('with as many faults as a body can have is a 400', async () => {
    await post({ executors: [EXECUTOR], inputs: Array.from({ length: 390_000 }, () => 1) }).expect(400)
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
    ['page_size=5.0', 'page_size'],
    ['page_size=1e2', 'page_size'],
    ['page_size=0x10', 'page_size'],
    ['page_size=0b11', 'page_size'],
    ['page_size=+7', 'page_size'],
    ['page_size=%2B7', 'page_size'],
    ['page_size=7%0A', 'page_size'],
    ['page_size=1_000', 'page_size'],
    ['page_size=%D9%A3', 'page_size'],
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
