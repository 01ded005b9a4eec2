import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SiteTaskId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { openSubjectTokens } from '../auth/subject-tokens.ts'
import { convertSite } from '../config/convert.ts'
import { SiteFile } from '../config/site-file.ts'
import { TrackingFile } from '../config/tracking-file.ts'
import { Secret } from '../config.ts'
import { openAccess } from '../http/access.ts'
import { createOutboundFetch } from '../http/outbound-fetch.ts'
import type { SiteGateway } from './gateway.ts'
import { createTesGateway } from './push-gateway.ts'

const TASK: TesTask = { executors: [{ image: 'alpine', command: ['true'] }] }
const ID = 'task-1' as SiteTaskId
const ADA = { issuer: 'https://login.example/', subject: 'ada' }
const never = new AbortController().signal
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

interface Ready {
  readonly gateway: SiteGateway
  readonly seen: string[]
  /** When each request was handed to the network, ms since 1970. */
  readonly sentAt: number[]
  readonly closeServer: () => Promise<unknown>
}

/** A site that answers by `handler`, and the gateway to it. */
async function site(handler: Handler, changes: { requestsPerSecond?: number; siteTimeoutSeconds?: number } = {}): Promise<Ready> {
  const seen: string[] = []
  const sentAt: number[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    void handler(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const closeServer = () => {
    server.closeAllConnections()
    return new Promise(done => server.close(done))
  }
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const outbound = createOutboundFetch({ declaredOrigins: [origin] })
  const file = SiteFile.parse({
    id: 'a',
    url: origin,
    place: { country: 'DE' },
    limits: { requestsPerSecond: changes.requestsPerSecond ?? 1000 },
    tracking: { siteTimeoutSeconds: changes.siteTimeoutSeconds ?? 10 },
  })
  const gateway = createTesGateway({
    site: convertSite(file, TrackingFile.parse({}), false),
    url: `${origin}/ga4gh/tes/v1`,
    access: {
      ...openAccess(
        origin,
        { kind: 'bearer', token: new Secret(makeSecret('canary-token')) },
        { outbound, subjectTokens: openSubjectTokens, now: Date.now },
      ),
      fetch: (url, init) => {
        sentAt.push(Date.now())
        return outbound.fetch(url, init)
      },
    },
    concurrentRequests: 4,
  })
  cleanUp.push(
    closeServer,
    () => outbound[Symbol.asyncDispose](),
    () => gateway[Symbol.asyncDispose](),
  )
  return { gateway, seen, sentAt, closeServer }
}

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_, response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body))

describe('an offer', () => {
  const rows: readonly [string, Handler, object][] = [
    ['an id means that the site has it', answer(200, { id: 'task-1' }), { outcome: 'accepted', siteTaskId: 'task-1' }],
    ['201 too', answer(201, { id: 'task-1' }), { outcome: 'accepted', siteTaskId: 'task-1' }],
    ['an id that is a number is read as text', answer(200, { id: 17 }), { outcome: 'accepted', siteTaskId: '17' }],
    ['400 is about the document', answer(400, { messages: ['no image'] }), { outcome: 'rejected', rejection: 'document' }],
    ['413 too', answer(413, ''), { outcome: 'rejected', rejection: 'document' }],
    ['422 too', answer(422, ''), { outcome: 'rejected', rejection: 'document' }],
    ['401 is about the login', answer(401, ''), { outcome: 'rejected', rejection: 'auth' }],
    ['403 too', answer(403, ''), { outcome: 'rejected', rejection: 'auth' }],
    [
      '429 says when to come again',
      answer(429, '', { 'retry-after': '7' }),
      { outcome: 'rejected', rejection: 'busy', retryAfterMs: 7000 },
    ],
    ['404 is a refusal', answer(404, ''), { outcome: 'rejected', rejection: 'refused' }],
    ['405 too', answer(405, ''), { outcome: 'rejected', rejection: 'refused' }],
    ['409 too', answer(409, ''), { outcome: 'rejected', rejection: 'refused' }],
    ['a redirect is not followed', answer(307, '', { location: 'http://127.0.0.1:1/' }), { outcome: 'rejected', rejection: 'refused' }],
    ['408 may be a proxy that let it through', answer(408, ''), { outcome: 'ambiguous' }],
    ['500 proves nothing', answer(500, ''), { outcome: 'ambiguous' }],
    ['502 proves nothing', answer(502, 'bad gateway'), { outcome: 'ambiguous' }],
    ['503 proves nothing, even with Retry-After', answer(503, '', { 'retry-after': '7' }), { outcome: 'ambiguous' }],
    ['504 proves nothing', answer(504, ''), { outcome: 'ambiguous' }],
    ['200 with HTML proves nothing', answer(200, '<html>login</html>', { 'content-type': 'text/html' }), { outcome: 'ambiguous' }],
    ['200 without an id proves nothing', answer(200, { task: 'task-1' }), { outcome: 'ambiguous' }],
    ['200 with half a document proves nothing', answer(200, '{"id":"ta'), { outcome: 'ambiguous' }],
    ['an empty 200 proves nothing', answer(200, ''), { outcome: 'ambiguous' }],
    ['a hang-up proves nothing', request => request.socket.destroy(), { outcome: 'ambiguous' }],
  ]
  it.each(rows)('%s', async (_, handler, expected) => {
    const { gateway, seen } = await site(handler)
    expect(await gateway.offer(TASK, ADA, never)).toMatchObject(expected)
    expect(seen).toEqual(['POST /ga4gh/tes/v1/tasks'])
  })

  it('to a silent site proves nothing', async () => {
    const { gateway } = await site(() => undefined, { siteTimeoutSeconds: 0.2 })
    expect(await gateway.offer(TASK, ADA, never)).toMatchObject({ outcome: 'ambiguous' })
  })

  it('to a site where nobody listens was surely not sent', async () => {
    const { gateway, closeServer } = await site(answer(200, {}))
    await closeServer()
    expect(await gateway.offer(TASK, ADA, never)).toMatchObject({ outcome: 'rejected', rejection: 'unsent' })
  })

  it('that is given up before its turn was surely not sent', async () => {
    const { gateway, seen } = await site(answer(200, { id: 'x' }))
    expect(await gateway.offer(TASK, ADA, AbortSignal.abort())).toMatchObject({ outcome: 'rejected', rejection: 'unsent' })
    expect(seen).toEqual([])
  })

  it('that is given up on the way proves nothing', async () => {
    const caller = new AbortController()
    const { gateway } = await site(() => caller.abort())
    expect(await gateway.offer(TASK, ADA, caller.signal)).toMatchObject({ outcome: 'ambiguous' })
  })

  it('never tells the credential that a site echoes', async () => {
    const { gateway } = await site((request, response) => answer(401, { message: request.headers.authorization })(request, response))
    expect(JSON.stringify(await gateway.offer(TASK, ADA, never))).not.toContain('canary')
  })
})

describe('an observation', () => {
  it('walks all pages with the largest page, past empty ones, and takes a repeated task once', async () => {
    const pages: Record<string, unknown> = {
      '': { tasks: [{ id: 'a', state: 'QUEUED' }], next_page_token: '1' },
      1: { tasks: [], next_page_token: '2' },
      2: {
        tasks: [
          { id: 'a', state: 'running' },
          { id: 'b', state: 'NEVER_HEARD', foo: 1, name: null },
        ],
      },
    }
    const { gateway, seen } = await site((request, response) =>
      answer(200, pages[new URL(request.url ?? '', 'http://x').searchParams.get('page_token') ?? ''])(request, response),
    )
    expect(await gateway.observe('MINIMAL', never)).toEqual({
      complete: true,
      tasks: [
        { siteTaskId: 'a', state: 'RUNNING' },
        { siteTaskId: 'b', state: 'UNKNOWN' },
      ],
    })
    expect(seen[0]).toBe('GET /ga4gh/tes/v1/tasks?view=MINIMAL&page_size=2047')
    expect(seen).toHaveLength(3)
  })

  it('in BASIC brings the tags that may be ours, numbers as text', async () => {
    const { gateway } = await site(
      answer(200, { tasks: [{ id: 'a', state: 'RUNNING', tags: { 'portolan.task': 'x', 'portolan.n': 1, foreign: 'y' } }] }),
    )
    expect((await gateway.observe('BASIC', never)).tasks).toEqual([
      { siteTaskId: 'a', state: 'RUNNING', tags: { 'portolan.task': 'x', 'portolan.n': '1' } },
    ])
  })

  const broken: readonly [string, Handler, object][] = [
    ['a page fails', answer(500, { message: 'Gone' }), { kind: 'server' }],
    ['a page is HTML', answer(200, '<html>', { 'content-type': 'text/html' }), { kind: 'unreadable' }],
    ['there is no such path', answer(404, ''), { kind: 'unreadable' }],
    ['the login is refused', answer(401, ''), { kind: 'auth' }],
    ['the site is busy', answer(429, '', { 'retry-after': '3' }), { kind: 'busy', retryAfterMs: 3000 }],
    ['the site is overloaded and says for how long', answer(503, '', { 'retry-after': '3' }), { kind: 'busy', retryAfterMs: 3000 }],
    ['the connection breaks', request => request.socket.destroy(), { kind: 'unreachable' }],
    ['the token comes again', answer(200, { tasks: [], next_page_token: 'same' }), { kind: 'unreadable' }],
    ['an entry is no task', answer(200, { tasks: [{ state: 'RUNNING' }] }), { kind: 'unreadable' }],
  ]
  it.each(broken)('is incomplete where %s', async (_, handler, failure) => {
    const { gateway } = await site(handler)
    expect(await gateway.observe('MINIMAL', never)).toMatchObject({ complete: false, failure })
  })

  it('T10 is incomplete where an id is longer than any, and says so of a submission', async () => {
    const id = 'x'.repeat(2_000)
    const listed = await site(answer(200, { tasks: [{ id, state: 'RUNNING' }] }))
    expect(await listed.gateway.observe('MINIMAL', never)).toMatchObject({ complete: false, tasks: [], failure: { kind: 'unreadable' } })
    const taken = await site(answer(200, { id }))
    expect(await taken.gateway.offer(TASK, ADA, never)).toMatchObject({ outcome: 'ambiguous' })
  })

  it('asks for fewer tasks at a time in the next sweep where a page was long, and for more where all were short', async () => {
    let characters = 50_000
    const sizes: string[] = []
    const { gateway } = await site((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams
      const from = Number(query.get('page_token') ?? 0)
      const until = Math.min(100, from + Number(query.get('page_size')))
      sizes.push(`${query.get('view')} ${query.get('page_size')}`)
      const task = { state: 'RUNNING', description: 'x'.repeat(characters) }
      const tasks = Array.from({ length: until - from }, (_, at) => ({ ...task, id: `task-${from + at}` }))
      return answer(200, { tasks, ...(until < 100 && { next_page_token: `${until}` }) })(request, response)
    })
    const sweep = async (view: 'MINIMAL' | 'BASIC') => {
      sizes.length = 0
      const { complete, tasks } = await gateway.observe(view, never)
      return { complete, tasks: tasks.length, sizes: [...sizes] }
    }
    expect(await sweep('BASIC')).toEqual({ complete: true, tasks: 100, sizes: ['BASIC 2047'] })
    expect(await sweep('BASIC')).toEqual({ complete: true, tasks: 100, sizes: ['BASIC 32', 'BASIC 32', 'BASIC 32', 'BASIC 32'] })
    characters = 10
    expect((await sweep('BASIC')).sizes).toEqual(['BASIC 32', 'BASIC 32', 'BASIC 32', 'BASIC 32'])
    expect((await sweep('BASIC')).sizes).toEqual(['BASIC 64', 'BASIC 64'])
    expect((await sweep('MINIMAL')).sizes).toEqual(['MINIMAL 2047'])
  })

  it('keeps what it saw before a page failed', async () => {
    const { gateway } = await site((request, response) =>
      request.url?.includes('page_token')
        ? answer(500, '')(request, response)
        : answer(200, { tasks: [{ id: 'a', state: 'QUEUED' }], next_page_token: 't' })(request, response),
    )
    expect(await gateway.observe('MINIMAL', never)).toMatchObject({ complete: false, tasks: [{ siteTaskId: 'a' }] })
  })
})

describe('a read', () => {
  it('T10 hides the credential of the site where the site tells it', async () => {
    const { gateway } = await site((request, response) => {
      const said = `got ${request.headers.authorization}`
      const log = { logs: [{ exit_code: 0, stdout: said, stderr: said }], outputs: [], metadata: { seen: said }, system_logs: [said] }
      answer(200, { id: ID, state: 'COMPLETE', executors: [], logs: [log] })(request, response)
    })
    const found = await gateway.read(ID, 'FULL', never)
    expect(JSON.stringify(found)).not.toContain(makeSecret('canary-token'))
    expect(found).toMatchObject({ log: { logs: [{ stdout: 'got [hidden]' }], system_logs: ['got [hidden]'] } })
  })

  it('reads what servers of 1.0 and 1.1 really send, the last log entry above all', async () => {
    const { gateway } = await site(
      answer(200, {
        id: 'task-1',
        state: 'EXECUTOR_ERROR',
        tags: { a: 'b' },
        name: null,
        surprise: {},
        logs: [
          { logs: [] },
          {
            logs: [{ stdout: 'x', exit_code: '3' }, { end_time: '2026-01-01T00:00:00Z' }],
            outputs: [{ url: 'http://h/a', path: '/a', size_bytes: 12 }],
            system_logs: 'one',
          },
        ],
      }),
    )
    expect(await gateway.read(ID, 'FULL', never)).toEqual({
      outcome: 'found',
      state: 'EXECUTOR_ERROR',
      tags: { a: 'b' },
      log: {
        logs: [
          { stdout: 'x', exit_code: 3 },
          { end_time: '2026-01-01T00:00:00Z', exit_code: -1 },
        ],
        outputs: [{ url: 'http://h/a', path: '/a', size_bytes: '12' }],
        system_logs: ['one'],
      },
    })
  })

  it('in MINIMAL asks for the state alone', async () => {
    const { gateway, seen } = await site(answer(200, { id: 'task-1', state: 'RUNNING', tags: { a: 'b' } }))
    expect(await gateway.read(ID, 'MINIMAL', never)).toEqual({ outcome: 'found', state: 'RUNNING', tags: {} })
    expect(seen).toEqual(['GET /ga4gh/tes/v1/tasks/task-1?view=MINIMAL'])
  })

  it('says that a task is not there only for 404', async () => {
    expect(await (await site(answer(404, ''))).gateway.read(ID, 'FULL', never)).toEqual({ outcome: 'absent' })
    expect(await (await site(answer(403, ''))).gateway.read(ID, 'FULL', never)).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'auth' },
    })
    expect(await (await site(answer(200, { id: 'other', state: 'COMPLETE' }))).gateway.read(ID, 'FULL', never)).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'unreadable' },
    })
  })
})

describe('the log of a task that runs', () => {
  it('is that of the site, executors that have not ended too, the last try alone', async () => {
    const logs = [{ logs: [] }, { logs: [{ stdout: 'so far', exit_code: 0 }, { stdout: 'and on' }], system_logs: ['pulled'] }]
    const { gateway, seen } = await site(answer(200, { id: 'task-1', state: 'RUNNING', logs }))
    expect(await gateway.readLog(ID, never)).toMatchObject({
      outcome: 'found',
      log: { logs: [{ stdout: 'so far', exit_code: 0 }, { stdout: 'and on' }], system_logs: ['pulled'] },
    })
    expect(seen).toEqual(['GET /ga4gh/tes/v1/tasks/task-1?view=FULL'])
  })

  it('T10 is without the credential of the site where the site tells it', async () => {
    const stdout = `Authorization: Bearer ${makeSecret('canary-token')}`
    const { gateway } = await site(answer(200, { id: 'task-1', state: 'RUNNING', logs: [{ logs: [{ stdout }] }] }))
    const found = await gateway.readLog(ID, never)
    expect(found).toMatchObject({ outcome: 'found', log: { logs: [{ stdout: expect.stringContaining('[hidden]') }] } })
    expect(JSON.stringify(found)).not.toContain(makeSecret('canary-token'))
  })

  it('T10 is refused without what was signed for the site', async () => {
    const link = `https://store.example/x?X-Amz-Credential=who&X-Amz-Signature=${'0'.repeat(64)}`
    const { gateway } = await site(answer(500, { msg: `cannot read ${link}` }))
    const failed = await gateway.readLog(ID, never)
    expect(failed).toMatchObject({ outcome: 'failed', failure: { detail: expect.stringContaining('https://store.example/x') } })
    expect(JSON.stringify(failed)).not.toContain('0'.repeat(64))
  })

  it('is nothing where there is none, and says how a request fails', async () => {
    expect(await (await site(answer(200, { id: 'task-1', state: 'QUEUED' }))).gateway.readLog(ID, never)).toEqual({ outcome: 'found' })
    expect(await (await site(answer(404, ''))).gateway.readLog(ID, never)).toEqual({ outcome: 'absent' })
    expect(await (await site(answer(500, ''))).gateway.readLog(ID, never)).toMatchObject({ outcome: 'failed', failure: { kind: 'server' } })
  })

  it('waits until everything else has been sent', async () => {
    const { gateway, seen } = await site(answer(200, { id: 'task-1', state: 'RUNNING', tasks: [] }), { requestsPerSecond: 2 })
    const first = Array.from({ length: 2 }, () => gateway.read(ID, 'MINIMAL', never))
    await Promise.all([...first, gateway.readLog(ID, never), gateway.read(ID, 'MINIMAL', never), gateway.observe('MINIMAL', never)])
    expect(seen.at(-1)).toContain('view=FULL')
  })
})

describe('a cancel', () => {
  const rows: readonly [string, Handler, object][] = [
    ['is taken with {}', answer(200, {}), { outcome: 'taken' }],
    ['is taken with an empty body', answer(200, ''), { outcome: 'taken' }],
    ['is refused by 400, as TES-K does for what has ended', answer(400, { message: 'no pods in RUNNING status' }), { outcome: 'refused' }],
    ['is refused by 404', answer(404, ''), { outcome: 'refused' }],
    ['is refused by 409', answer(409, ''), { outcome: 'refused' }],
    ['fails with 401', answer(401, ''), { outcome: 'failed', failure: { kind: 'auth' } }],
    ['fails with 500', answer(500, ''), { outcome: 'failed', failure: { kind: 'server' } }],
  ]
  it.each(rows)('%s', async (_, handler, expected) => {
    const { gateway, seen } = await site(handler)
    expect(await gateway.withdraw(ID, ADA, never)).toMatchObject(expected)
    expect(seen).toEqual(['POST /ga4gh/tes/v1/tasks/task-1:cancel'])
  })
})

describe('the limits of a site', () => {
  it('hold in every second, whatever is asked at once (I8)', async () => {
    const { gateway, sentAt } = await site(answer(200, { id: 'task-1', state: 'RUNNING' }), { requestsPerSecond: 4 })
    await Promise.all(Array.from({ length: 9 }, () => gateway.read(ID, 'MINIMAL', never)))
    const spans = sentAt.flatMap((at, index) => (index < 4 ? [] : [at - (sentAt[index - 4] ?? 0)]))
    expect(sentAt).toHaveLength(9)
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(1000)
  })

  it('let a listing go before reads that wait, or it would never have its turn where they come without end', async () => {
    const { gateway, seen } = await site(answer(200, { id: 'task-1', state: 'RUNNING', tasks: [] }), { requestsPerSecond: 4 })
    const reads = Array.from({ length: 6 }, () => gateway.read(ID, 'MINIMAL', never))
    await Promise.all([...reads, gateway.observe('MINIMAL', never), gateway.offer(TASK, ADA, never)])
    const kinds = seen.map(line => (line.startsWith('POST') ? 'offer' : line.includes('page_size') ? 'list' : 'read'))
    expect(kinds).toEqual(['read', 'read', 'read', 'read', 'list', 'offer', 'read', 'read'])
  })

  it('allow so many requests at once and no more', async () => {
    let open = 0
    let most = 0
    const { gateway } = await site((request, response) => {
      open++
      most = Math.max(most, open)
      setImmediate(() => {
        open--
        answer(200, { id: 'task-1', state: 'RUNNING' })(request, response)
      })
    })
    await Promise.all(Array.from({ length: 20 }, () => gateway.read(ID, 'MINIMAL', never)))
    expect(most).toBeLessThanOrEqual(4)
  })
})
