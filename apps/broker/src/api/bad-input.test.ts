import { ErrorBody } from '@portolan/ga4gh'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, call } from '../../test/call.ts'
import { type RunningApi, startApi } from '../../test/start-api.ts'
import { ERRORS, PLAIN_ERRORS } from './errors.ts'
import { TES_MOUNTS } from './mounts.ts'

const good = { executors: [{ image: 'alpine:3', command: ['true'] }] }
const limits = { bodyBytes: 1024 * 1024, contentBytes: 200_000, inputs: 50, tags: 16 }

let api: RunningApi
beforeAll(async () => {
  api = await startApi(limits)
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
})

const create = (body: unknown): Call => ({ method: 'POST', path: '/tasks', body: typeof body === 'string' ? body : JSON.stringify(body) })
const executor = (over: object): Call => create({ executors: [{ ...good.executors[0], ...over }] })
const many = (count: number, make: (i: number) => unknown): unknown[] => Array.from({ length: count }, (_, i) => make(i))

/** What is sent, the status, and the field and the fix that the answer names. */
const refused: readonly (readonly [what: string, request: Call, status: number, field: string | undefined, fix: RegExp])[] = [
  ['a name that is a number', create({ ...good, name: 7 }), 400, 'name', /string/],
  ['tags that are a list', create({ ...good, tags: ['a'] }), 400, 'tags', /./],
  ['a tag value that is a number', create({ ...good, tags: { a: 1 } }), 400, 'tags.a', /string/],
  ['cpu_cores that are text', create({ ...good, resources: { cpu_cores: 'two' } }), 400, 'resources.cpu_cores', /./],
  ['more disk than any site has', create({ ...good, resources: { disk_gb: 1e300 } }), 400, 'resources.disk_gb', /1000000000 at most/],
  [
    'one hint in two spellings',
    create({ ...good, tags: { portolan_site: 'de', Portolan_Site: 'us' } }),
    400,
    'tags.portolan_site',
    /Give it once/,
  ],
  ['a command that is text', executor({ command: 'true' }), 400, 'executors[0].command', /array/],
  [
    'a file type that does not exist',
    create({ ...good, inputs: [{ path: '/a', url: 's3://b/a', type: 'LINK' }] }),
    400,
    'inputs[0].type',
    /FILE/,
  ],
  ['no executors at all', create({ name: 'a' }), 400, 'executors', /./],
  ['an empty list of executors', create({ executors: [] }), 400, 'executors', /at least one/],
  ['no image', create({ executors: [{ command: ['true'] }] }), 400, 'executors[0].image', /Give it/],
  ['an empty command', executor({ command: [] }), 400, 'executors[0].command', /program/],
  ['a command that holds a null', executor({ command: ['a', null] }), 400, 'executors[0].command[1]', /string/],
  ['a relative input path', create({ ...good, inputs: [{ path: 'data/a', url: 's3://b/a' }] }), 400, 'inputs[0].path', /absolute/],
  ['a relative output path', create({ ...good, outputs: [{ path: 'out', url: 's3://b/a' }] }), 400, 'outputs[0].path', /absolute/],
  ['a relative volume', create({ ...good, volumes: ['scratch'] }), 400, 'volumes[0]', /absolute/],
  ['a relative stdout', executor({ stdout: 'out.txt' }), 400, 'executors[0].stdout', /absolute/],
  ['an input without url and content', create({ ...good, inputs: [{ path: '/a' }] }), 400, 'inputs[0].url', /URL/],
  ['a path that means nothing here', create({ ...good, inputs: [{ path: '/a', url: '/data/a' }] }), 400, 'inputs[0].url', /pathMaps/],
  [
    'a file URL that means nothing here',
    create({ ...good, inputs: [{ path: '/a', url: 'file:///data/a' }] }),
    400,
    'inputs[0].url',
    /pathMaps/,
  ],
  ['an output that has no place', create({ ...good, outputs: [{ path: '/a', url: 'a.txt' }] }), 400, 'outputs[0].url', /results/],
  ['a placeholder for a directory', create({ ...good, inputs: [{ path: '/a', url: '_:uuid' }] }), 400, 'inputs[0].url', /inline|URLs/],
  [
    'a wildcard without path_prefix',
    create({ ...good, outputs: [{ path: '/out/*', url: 's3://b/' }] }),
    400,
    'outputs[0].path_prefix',
    /directory/,
  ],
  ['content over the limit', create({ ...good, inputs: [{ path: '/a', content: 'x'.repeat(200_001) }] }), 400, 'inputs[0].content', /URL/],
  ['more inputs than allowed', create({ ...good, inputs: many(51, i => ({ path: `/${i}`, content: 'a' })) }), 400, 'inputs', /directory/],
  [
    'more tags than allowed',
    create({ ...good, tags: Object.fromEntries(many(17, i => [`k${i}`, 'v']) as [string, string][]) }),
    400,
    'tags',
    /fewer/,
  ],
  ['a body over the limit', create({ ...good, description: 'x'.repeat(1024 * 1024) }), 413, undefined, /files/],
  ['broken JSON', create('{"executors": ['), 400, '', /JSON document/],
  ['an empty body', { method: 'POST', path: '/tasks' }, 400, '', /./],
  ['null', create('null'), 400, '', /./],
  ['a list', create('[]'), 400, '', /./],
  ['text', create('"task"'), 400, '', /./],
  ['a body that is not UTF-8 JSON', { method: 'POST', path: '/tasks', body: Buffer.from([0xff, 0xfe, 0x00]) }, 400, '', /JSON document/],
  ['an image with a blank', executor({ image: 'alpine latest' }), 400, 'executors[0].image', /container runtime/],
  ['an image with a quote', executor({ image: 'alpine"' }), 400, 'executors[0].image', /container runtime/],
  ['an image with a control character', executor({ image: 'alpine\u0007' }), 400, 'executors[0].image', /container runtime/],
  ['an image that begins with -', executor({ image: '--privileged' }), 400, 'executors[0].image', /container runtime/],
  ['an empty image', executor({ image: ' ' }), 400, 'executors[0].image', /container runtime/],
  ['a workdir with a blank', executor({ workdir: '/my work' }), 400, 'executors[0].workdir', /absolute/],
  ['a workdir with a quote', executor({ workdir: "/work'" }), 400, 'executors[0].workdir', /absolute/],
  ['a workdir with a control character', executor({ workdir: '/work\u0000' }), 400, 'executors[0].workdir', /absolute/],
  ['a workdir that begins with -', executor({ workdir: '-v' }), 400, 'executors[0].workdir', /absolute/],
  [
    'a locality that does not exist',
    create({ ...good, tags: { portolan_locality: 'maybe' } }),
    400,
    'tags.portolan_locality',
    /require, prefer or ignore/,
  ],
  [
    'a rerunnable that is neither true nor false',
    create({ ...good, tags: { portolan_rerunnable: 'often' } }),
    400,
    'tags.portolan_rerunnable',
    /true or false/,
  ],
  [
    'a runtime that is no time',
    create({ ...good, resources: { backend_parameters: { portolan_max_runtime: 'long' } } }),
    400,
    'resources.backend_parameters.portolan_max_runtime',
    /seconds/,
  ],
  ['a project that does not exist', create({ ...good, tags: { portolan_project: 'other' } }), 404, 'tags.portolan_project', /local/],
  [
    'a strict backend parameter that no site knows',
    create({ ...good, resources: { backend_parameters: { VmSize: 'L' }, backend_parameters_strict: true } }),
    400,
    'resources.backend_parameters.VmSize',
    /Remove it, or set/,
  ],
  ['an unknown view of a list', { path: '/tasks?view=ALL' }, 400, 'view', /MINIMAL, BASIC, FULL/],
  ['an unknown view of a task', { path: '/tasks/01JZZZZZZZZZZZZZZZZZZZZZZZ?view=ALL' }, 400, 'view', /MINIMAL, BASIC, FULL/],
  ['page size 0', { path: '/tasks?page_size=0' }, 400, 'page_size', /1 to 2047/],
  ['page size 5000', { path: '/tasks?page_size=5000' }, 400, 'page_size', /1 to 2047/],
  ['a page size with an exponent', { path: '/tasks?page_size=1e2' }, 400, 'page_size', /1 to 2047/],
  ['a page size in hexadecimal', { path: '/tasks?page_size=0x10' }, 400, 'page_size', /1 to 2047/],
  ['an unknown state', { path: '/tasks?state=DONE' }, 400, 'state', /COMPLETE/],
  ['a forged page token', { path: '/tasks?page_token=MDFKWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpa' }, 400, 'page_token', /page_token/],
  ['a path that cannot be decoded', { path: '/tasks/%E0%A4%A' }, 400, undefined, /UTF-8/],
  ['an id that was never given out', { path: '/tasks/01JZZZZZZZZZZZZZZZZZZZZZZZ' }, 404, undefined, /id/],
  ['an id of another form', { path: '/tasks/..%2f..%2fetc%2fpasswd' }, 404, undefined, /id/],
  ['a cancel of an unknown task', { method: 'POST', path: '/tasks/01JZZZZZZZZZZZZZZZZZZZZZZZ:cancel' }, 404, undefined, /id/],
  ['an unknown path below tasks', { path: '/tasks/a/b' }, 404, undefined, /./],
  ['another method', { method: 'PUT', path: '/tasks', body: '{}' }, 405, undefined, /GET, HEAD, POST/],
  ['a page of another origin', { ...create(good), headers: { origin: 'https://evil.example' } }, 403, undefined, /corsOrigins/],
  [
    'a form of another page',
    { ...create('a=b'), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    undefined,
    /application\/json/,
  ],
  ['a host name that is not ours', { ...create(good), headers: { host: 'rebound.example' } }, 403, undefined, /127\.0\.0\.1/],
]

const KNOWN_KINDS = [
  ...Object.entries(ERRORS).map(([slug, { status }]) => `${status} urn:portolan:error:${slug}`),
  ...Object.values(PLAIN_ERRORS).map(({ status }) => `${status} about:blank`),
]

/** What is sent and accepted, because the standard or a client wants it so. */
const accepted: readonly (readonly [what: string, request: Call])[] = [
  ['nulls for what is not set', create({ ...good, name: null, tags: { a: null }, inputs: null, resources: { zones: null } })],
  ['keys that the standard does not have', create({ ...good, workspace: 'x', executors: [{ ...good.executors[0], memory: 1 }] })],
  ['fields that only a server sets', create({ ...good, id: 'mine', state: 'COMPLETE', logs: [], creation_time: 'now' })],
  ['backend parameters that no site knows, not strict', create({ ...good, resources: { backend_parameters: { VmSize: 'L' } } })],
  ['unknown query keys', { path: '/tasks?colour=red&filter=%20' }],
  ['the largest page', { path: '/tasks?page_size=2047' }],
  ['doubled slashes', { path: '//tasks' }],
]

describe.each(TES_MOUNTS)('bad input through the mount "%s"', mount => {
  const through = (request: Call): Call => ({ ...request, path: `${mount}${request.path}` })

  it.each(refused)('%s is refused', async (_, request, status, field, fix) => {
    const answer = await call(api.port, through(request))
    expect([answer.status, answer.text]).toEqual([status, expect.any(String)])
    const body = ErrorBody.parse(JSON.parse(answer.text))
    expect(body.status_code).toBe(status)
    expect(KNOWN_KINDS).toContain(`${status} ${body.type}`)
    expect(body.request_id).toBe(answer.headers['x-request-id'])
    if (field !== undefined) expect(body.problems?.[0]?.path).toBe(field)
    expect(body.msg).toMatch(fix)
  })

  it.each(accepted)('%s is taken', async (_, request) => {
    const answer = await call(api.port, through(request))
    expect([answer.status, answer.text]).toEqual([200, expect.not.stringContaining('null')])
  })
})
