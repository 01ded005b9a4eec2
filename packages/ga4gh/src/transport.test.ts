import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { ApiError, basic, bearer, createTransport, type TransportOptions, type TransportRequest } from './index.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map(close => close()))
})

async function serve(listener: (req: IncomingMessage, res: ServerResponse) => unknown): Promise<string> {
  const server = createServer((req, res) => void listener(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

async function failure(baseUrl: string, request: TransportRequest, options: Partial<TransportOptions> = {}): Promise<ApiError> {
  const error: unknown = await createTransport({ baseUrl, maxRetries: 0, ...options })
    .request(request)
    .catch((thrown: unknown) => thrown)
  if (!(error instanceof ApiError)) throw new Error(`expected an ApiError, got ${String(error)}`)
  return error
}

const GET: TransportRequest = { method: 'GET', path: 'tasks' }
const POST: TransportRequest = { method: 'POST', path: 'tasks', body: { a: 1 } }

describe('a request', () => {
  it('appends path and query to the base, sends JSON and reads JSON whatever its content type says', async () => {
    const seen: unknown[] = []
    const base = await serve(async (req, res) => {
      const chunks: Buffer[] = []
      for await (const chunk of req) chunks.push(chunk)
      seen.push([req.method, req.url, req.headers['content-type'], req.headers.authorization, Buffer.concat(chunks).toString()])
      res.setHeader('Content-Type', 'text/plain')
      res.setHeader('X-Request-Id', 'r1')
      res.end('{"ok":true}')
    })
    const transport = createTransport({ baseUrl: `${base}/ga4gh/tes/v1/`, auth: bearer(async () => makeSecret('secret')) })
    const answer = await transport.request({ ...POST, query: { tag_key: ['a', 'b'], view: undefined, page_size: 3 } })
    expect([answer.json(), answer.requestId]).toEqual([{ ok: true }, 'r1'])
    expect(seen).toEqual([
      ['POST', '/ga4gh/tes/v1/tasks?tag_key=a&tag_key=b&page_size=3', 'application/json', `Bearer ${makeSecret('secret')}`, '{"a":1}'],
    ])
  })

  it('sends a form, and repeats none of its secrets in an error', async () => {
    const secret = makeSecret('form').padEnd(40, 's')
    const seen: unknown[] = []
    const base = await serve(async (req, res) => {
      const chunks: Buffer[] = []
      for await (const chunk of req) chunks.push(chunk)
      seen.push([req.headers['content-type'], Buffer.concat(chunks).toString()])
      res.writeHead(400).end(JSON.stringify({ error: 'invalid_grant', error_description: `no ${secret}` }))
    })
    const error = await failure(base, { method: 'POST', path: 'token', form: { grant_type: 'a b', token: secret } })
    expect(seen).toEqual([['application/x-www-form-urlencoded', `grant_type=a+b&token=${secret}`]])
    expect([error.code, error.reason, error.said]).toEqual(['bad_request', 'invalid_grant', 'no [hidden]'])
    expect(error.message).not.toContain(secret)
  })

  it('tries a GET again after a failure that passes, and honours Retry-After', async () => {
    let count = 0
    const base = await serve((_req, res) => {
      count++
      if (count < 3) res.writeHead(503, { 'Retry-After': '0' }).end()
      else res.end('{}')
    })
    await createTransport({ baseUrl: base }).request(GET)
    expect(count).toBe(3)
  })

  it.each(['POST', 'PUT', 'DELETE'] as const)('never sends a %s twice', async method => {
    let count = 0
    const base = await serve((_req, res) => {
      count++
      res.writeHead(503, { 'Retry-After': '0' }).end()
    })
    const error = await failure(base, { method, path: 'tasks' }, { maxRetries: 5 })
    expect([error.code, error.delivery, error.retryAfterMs, count]).toEqual(['server_error', 'unknown', 0, 1])
  })

  it('does not wait for a server that asks for minutes', async () => {
    const base = await serve((_req, res) => res.writeHead(429, { 'Retry-After': '600' }).end())
    expect(await failure(base, GET, { maxRetries: 2 })).toMatchObject({ code: 'too_many_requests', retryAfterMs: 600_000 })
  })
})

describe('a request that surely was not sent', () => {
  it('says so when nobody listens', async () => {
    const base = await serve(() => {})
    await closers.pop()?.()
    expect(await failure(base, POST)).toMatchObject({ code: 'unreachable', delivery: 'not_sent', status: undefined })
  })

  it('says so when the name does not exist', async () => {
    expect(await failure('http://nowhere.invalid', POST)).toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
  })

  it('says so when the caller gave up before', async () => {
    const error = await failure('http://127.0.0.1:1', { ...POST, signal: AbortSignal.abort() })
    expect(error).toMatchObject({ code: 'aborted', delivery: 'not_sent' })
  })

  it('says so when there is no credential', async () => {
    const auth = bearer(() => Promise.reject(new Error('login is down')))
    expect(await failure('http://127.0.0.1:1', POST, { auth })).toMatchObject({ code: 'unauthorized', delivery: 'not_sent' })
  })

  it.each(['s3cr\net', 's3cr\u0001et', 's3cr€et'])(
    'whose credential no header can carry was not sent, and is not told: %j',
    async token => {
      const seen: unknown[] = []
      const base = await serve((req, res) => {
        seen.push(req.url)
        res.end('{}')
      })
      const error = await failure(base, POST, { auth: bearer(token) })
      expect(error).toMatchObject({ code: 'unauthorized', delivery: 'not_sent', status: undefined })
      expect([error.message.includes('s3cr'), error.cause, seen]).toEqual([false, undefined, []])
    },
  )

  it.each([
    [{ headers: { 'x-a': 'a\nb' } }, 'x-a'],
    [{ headers: { 'x a': 'b' } }, 'x a'],
    [{ userAgent: 'ü€' }, 'user-agent'],
  ])('with a header that cannot be sent was not sent: %j', async (options, name) => {
    const error = await failure('http://127.0.0.1:1', POST, options)
    expect(error).toMatchObject({ code: 'bad_request', delivery: 'not_sent', message: expect.stringContaining(`The header ${name} of`) })
  })
})

describe('a request whose fate nobody knows', () => {
  it('is a timeout when the server is silent', async () => {
    const base = await serve(() => {})
    expect(await failure(base, { ...POST, timeoutMs: 30 })).toMatchObject({ code: 'timeout', delivery: 'unknown' })
  })

  it('is a timeout when the body drips without end', async () => {
    const base = await serve((_req, res) => {
      res.write('{')
      const drip = setInterval(() => res.write(' '), 5)
      res.on('close', () => clearInterval(drip))
    })
    expect(await failure(base, { ...POST, timeoutMs: 60 })).toMatchObject({ code: 'timeout', delivery: 'unknown' })
  })

  it('is a timeout even if the fetch that was handed in ignores its signal', async () => {
    expect(await failure('http://a.test', { ...POST, timeoutMs: 20 }, { fetch: () => new Promise(() => {}) })).toMatchObject({
      code: 'timeout',
    })
  })

  it('is a lost connection when the server hangs up', async () => {
    const base = await serve(req => req.socket.destroy())
    expect(await failure(base, POST)).toMatchObject({ code: 'connection_lost', delivery: 'unknown' })
  })

  it('is a lost connection when the body of a 200 is cut', async () => {
    const base = await serve((_req, res) => {
      res.writeHead(200, { 'Content-Length': '100' })
      res.write('{"id":', () => res.destroy())
    })
    expect(await failure(base, POST)).toMatchObject({ code: 'connection_lost', delivery: 'unknown' })
  })

  it('is aborted when the caller gives up on the way', async () => {
    const caller = new AbortController()
    const base = await serve(() => caller.abort())
    expect(await failure(base, { ...POST, signal: caller.signal })).toMatchObject({ code: 'aborted', delivery: 'unknown' })
  })

  it('is unreadable when the answer is longer than allowed', async () => {
    const base = await serve((_req, res) => res.end('x'.repeat(2_000)))
    expect(await failure(base, POST, { maxResponseBytes: 1_000 })).toMatchObject({ code: 'unreadable', delivery: 'unknown', status: 200 })
  })

  it('is unreadable when a 200 holds HTML', async () => {
    const base = await serve((_req, res) => res.end('<html>'))
    const answer = await createTransport({ baseUrl: base }).request(POST)
    expect(() => answer.json()).toThrow(expect.objectContaining({ code: 'unreadable', delivery: 'unknown' }))
  })
})

describe('a refusal', () => {
  it.each([
    [400, 'bad_request', 'refused'],
    [401, 'unauthorized', 'refused'],
    [403, 'forbidden', 'refused'],
    [404, 'not_found', 'refused'],
    [409, 'conflict', 'refused'],
    [413, 'too_large', 'refused'],
    [422, 'bad_request', 'refused'],
    [429, 'too_many_requests', 'refused'],
    [405, 'client_error', 'refused'],
    [408, 'client_error', 'unknown'],
    [302, 'redirected', 'refused'],
    [500, 'server_error', 'unknown'],
    [502, 'server_error', 'unknown'],
  ])('with status %i has code %s and delivery %s', async (status, code, delivery) => {
    const base = await serve((_req, res) => res.writeHead(status, { location: '/elsewhere' }).end())
    expect(await failure(base, POST)).toMatchObject({ status, code, delivery })
  })

  it.each([
    [503, 'urn:portolan:error:login-unavailable', 'refused'],
    [503, 'urn:portolan:error:store-unavailable', 'unknown'],
    [408, 'urn:portolan:error:login-unavailable', 'unknown'],
    [503, { login: 'unavailable' }, 'unknown'],
  ])('with status %i and the kind %j has delivery %s', async (status, type, delivery) => {
    const base = await serve((_req, res) => res.writeHead(status).end(JSON.stringify({ type, msg: 'Not now' })))
    expect(await failure(base, POST)).toMatchObject({ status, delivery })
  })

  it.each([
    ['our own body', { msg: 'No such task', problems: [{ path: 'a', message: 'b', fix: 'c' }] }, 'No such task'],
    ["TES-K's list of messages", { status: 400, error: 'Bad Request', messages: ['one', 'two'] }, 'one; two'],
    ["Spring's message", { error: 'Not Found', message: 'Job not found' }, 'Job not found'],
    ["Funnel's error", { error: 'backend said no' }, 'backend said no'],
  ])('tells the words of %s', async (_name, body, words) => {
    const base = await serve((_req, res) => res.writeHead(400).end(JSON.stringify(body)))
    const error = await failure(base, POST)
    expect(error.message).toContain(words)
    expect(error.problems).toEqual('problems' in body ? body.problems : [])
  })

  const PASSWORD = `${makeSecret('pass')}:"word" 50% + ä`
  const ECHOES: readonly [string, (header: string) => string][] = [
    ['as it was sent', header => header],
    ['without its scheme', header => header.split(' ')[1] ?? ''],
    ['decoded', header => Buffer.from(header.split(' ')[1] ?? '', 'base64').toString()],
    ['encoded for a URL', () => encodeURIComponent(PASSWORD)],
    ['encoded for a form', () => new URLSearchParams({ a: PASSWORD }).toString().slice(2)],
    ['quoted', () => JSON.stringify(PASSWORD)],
  ]
  it.each(ECHOES)('never repeats the password that a server echoes %s', async (_, echo) => {
    const base = await serve((req, res) => {
      const words = echo(req.headers.authorization ?? '')
      res
        .writeHead(401, { 'x-request-id': /[^ -~]/.test(words) ? encodeURIComponent(PASSWORD) : words })
        .end(JSON.stringify({ message: words, error: 'invalid_token', problems: [{ path: words, message: words, fix: words }] }))
    })
    const { message, said, reason, problems, requestId } = await failure(base, GET, { auth: basic('ann', PASSWORD) })
    const told = [message, said, ...problems.flatMap(problem => Object.values(problem)), requestId]
    expect(reason).toBe('invalid_token')
    expect(told.filter(text => !text?.includes('[hidden]') || /pass|word|50%|YW5uOn/.test(text))).toEqual([])
  })

  it('never repeats a token that a server echoes, where it looks like a code too', async () => {
    const base = await serve((req, res) => {
      const said = { message: `bad ${req.headers.authorization}\u001b[31m`, error: req.headers.authorization?.slice(7) }
      res.writeHead(401).end(JSON.stringify(said))
    })
    const { message, reason } = await failure(base, GET, { auth: bearer(makeSecret('very_secret').replace(/[^a-z]/g, '_')) })
    expect([message.replace(/^.* answered/, ''), reason]).toEqual([' 401: bad [hidden] [31m', undefined])
  })

  it('does not follow a redirect, so that a credential stays at its origin', async () => {
    const asked: (string | undefined)[] = []
    const elsewhere = await serve((req, res) => {
      asked.push(req.url)
      res.end('{}')
    })
    const base = await serve((_req, res) => res.writeHead(307, { location: elsewhere }).end())
    expect(await failure(base, GET, { auth: bearer(makeSecret('x')) })).toMatchObject({ code: 'redirected' })
    expect(asked).toEqual([])
  })
})

describe('a base URL', () => {
  it.each([
    ['ftp://host/', 'must be http or https'],
    ['http://ann:secret@host/', 'holds a user name'],
    ['http://host/?a=1', 'holds a query'],
  ])('%s is refused', (baseUrl, words) => {
    expect(() => createTransport({ baseUrl })).toThrow(words)
  })
})

it('leaves no socket open after a timeout', async () => {
  let open = 0
  const base = await serve(req => {
    open++
    req.socket.on('close', () => open--)
  })
  await failure(base, { ...GET, timeoutMs: 30 })
  await expect.poll(() => open).toBe(0)
})
