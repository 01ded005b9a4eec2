import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { ApiError, createTransport } from '@portolan/ga4gh'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { openSubjectTokens } from '../auth/subject-tokens.ts'
import { Secret } from '../config.ts'
import { openAccess } from './access.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from './certificate.fixture.ts'
import { createOutboundFetch, type OutboundOptions } from './outbound-fetch.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function listen(server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => new Promise(done => server.close(done)))
  if ('closeAllConnections' in server) cleanUp.push(() => server.closeAllConnections())
  return (server.address() as AddressInfo).port
}

const serve = (handler: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<number> =>
  listen(createServer(handler as RequestListener))

function outbound(origins: readonly string[], options: Partial<OutboundOptions> = {}) {
  const made = createOutboundFetch({ declaredOrigins: origins, ...options })
  cleanUp.push(() => made[Symbol.asyncDispose]())
  return made.fetch
}

async function failureOf(promise: Promise<unknown>): Promise<{ code: string; delivery: string; message: string }> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ApiError)) return expect.fail(`expected an ApiError, got ${String(error)}`)
  return { code: error.code, delivery: error.delivery, message: error.message }
}

describe('T15 the guard', () => {
  it.each([
    ['http://127.0.0.1:PORT/', 'an address'],
    ['http://localhost:PORT/', 'a name'],
    ['http://2130706433:PORT/', 'a number'],
    ['http://0x7f.1:PORT/', 'hexadecimal'],
    ['http://0177.0.0.1:PORT/', 'octal'],
    ['http://[::ffff:127.0.0.1]:PORT/', 'IPv4 inside IPv6'],
    ['http://0.0.0.0:PORT/', 'any address'],
  ])('lets no byte reach this machine by %s (%s)', async address => {
    let reached = 0
    const port = await serve((_, response) => {
      reached++
      response.end()
    })
    const failure = await failureOf(outbound([])(address.replace('PORT', String(port)), {}))
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
    expect(reached).toBe(0)
  })

  it('judges the address behind the connection even while another origin on it is declared', async () => {
    const port = await serve((_, response) => response.end('x'))
    const fetch = outbound([`http://127.0.0.1:${port}`])
    expect((await fetch(`http://127.0.0.1:${port}/`, {})).status).toBe(200)
    expect(await failureOf(fetch(`http://localhost:${port}/`, {}))).toMatchObject({ delivery: 'not_sent', code: 'unreachable' })
  })

  it.each(['ftp://host/x', 'file:///etc/passwd', 'no url'])('refuses %s', async address => {
    const failure = await failureOf(outbound([])(address, {}))
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
  })

  it.each(['ann:PASSWORD', 'ann', ':PASSWORD'])('T10 refuses a user name or password in a URL (%s), declared or not', async user => {
    const shown: unknown[] = []
    const port = await serve((request, response) => response.end(void shown.push(request.headers.authorization)))
    const host = `127.0.0.1:${port}`
    const address = `http://${user.replace('PASSWORD', makeSecret('hunter2'))}@${host}/`
    const failure = await failureOf(outbound([`http://${host}`])(address, {}))
    expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringContaining('holds a user name or password in its URL') })
    expect([failure.message.includes('hunter2'), shown]).toEqual([false, []])
  })

  it.each(['http:\\\\HOST/x', 'http:/HOST/x', 'http:HOST/x', 'http:\\/HOST/x', ' http://HOST/x', 'ht\ntp://HOST/x', 'http:///HOST/x'])(
    'refuses %j, which is not read alike by all',
    async written => {
      let reached = 0
      const port = await serve((_, response) => response.end(String(reached++)))
      const host = `127.0.0.1:${port}`
      const failure = await failureOf(outbound([`http://${host}`])(written.replace('HOST', host), {}))
      expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent', message: expect.stringContaining('is not written as') })
      expect(reached).toBe(0)
    },
  )

  it('T10 ends at once where the answer goes on in another protocol', async () => {
    const port = await listen(
      createTcpServer(socket => {
        cleanUp.push(() => socket.destroy())
        socket.on('error', () => undefined)
        socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'))
      }),
    )
    const origin = `http://127.0.0.1:${port}`
    const failure = await failureOf(outbound([origin], { timeouts: { responseMs: 2_000 } })(`${origin}/`, { method: 'POST', body: '{}' }))
    expect(failure).toMatchObject({ code: 'connection_lost', delivery: 'unknown', message: expect.stringContaining('another protocol') })
  })

  it('T10 sends a credential to declared origins only', async () => {
    const failure = await failureOf(
      outbound([])('https://elsewhere.example/', { headers: { authorization: `Bearer ${makeSecret('canary')}` } }),
    )
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent', message: expect.stringContaining('would get a credential') })
    expect(failure.message).not.toContain('canary')
  })
})

describe('a request', () => {
  it('arrives whole, with its body and header, and brings back status, header and body', async () => {
    const port = await serve(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      response.writeHead(418, { 'content-encoding': 'gzip', 'x-a': 'b' })
      response.end(gzipSync(`${request.method} ${request.url} ${String(request.headers['x-in'])} ${text}`))
    })
    const origin = `http://127.0.0.1:${port}`
    const answer = await outbound([origin])(`${origin}/p?q=1`, { method: 'POST', body: '{"a":1}', headers: { 'x-in': 'y' } })
    expect([answer.status, answer.headers.get('x-a'), await answer.text()]).toEqual([418, 'b', 'POST /p?q=1 y {"a":1}'])
  })

  it('may be a POST without a body', async () => {
    const port = await serve((request, response) => response.end(`${request.method} ${request.headers['content-length']}`))
    const origin = `http://127.0.0.1:${port}`
    expect(await (await outbound([origin])(origin, { method: 'POST' })).text()).toBe('POST 0')
  })

  it('keeps its connection for the next one', async () => {
    const ports = new Set<number | undefined>()
    const port = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('x')
    })
    const origin = `http://127.0.0.1:${port}`
    const fetch = outbound([origin])
    for (let round = 0; round < 3; round++) await (await fetch(`${origin}/`, {})).text()
    expect(ports.size).toBe(1)
  })

  it('follows no redirect', async () => {
    let reached = 0
    const port = await serve((request, response) => {
      reached++
      response.writeHead(307, { location: '/next' }).end(request.url)
    })
    const origin = `http://127.0.0.1:${port}`
    const answer = await outbound([origin])(`${origin}/first`, { method: 'POST', body: '{}' })
    expect([answer.status, reached]).toEqual([307, 1])
  })

  it('is sent once, even where the answer invites to try again', async () => {
    let reached = 0
    const port = await serve((_, response) => {
      reached++
      response.writeHead(503, { 'retry-after': '0' }).end()
    })
    const origin = `http://127.0.0.1:${port}`
    await outbound([origin])(`${origin}/`, { method: 'GET' })
    expect(reached).toBe(1)
  })

  it('speaks TLS with an origin whose certificate it trusts', async () => {
    const port = await listen(createTlsServer({ key: LOCALHOST_KEY, cert: LOCALHOST_CERTIFICATE }, (_, response) => response.end('tls')))
    const origin = `https://localhost:${port}`
    const answer = await outbound([origin], { ca: LOCALHOST_CERTIFICATE })(`${origin}/`, {})
    expect(await answer.text()).toBe('tls')
  })

  it('T10 asks with the credential of its origin, and of no other', async () => {
    const seen: (string | undefined)[] = []
    const port = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end('{}')
    })
    const origin = `http://127.0.0.1:${port}`
    const made = createOutboundFetch({ declaredOrigins: [origin] })
    cleanUp.push(() => made[Symbol.asyncDispose]())
    const ports = { outbound: made, subjectTokens: openSubjectTokens, now: Date.now }
    const credential = { kind: 'basic', username: 'portolan', password: new Secret(makeSecret('pässword')) } as const
    await createTransport({ baseUrl: origin, ...openAccess(origin, credential, ports) }).request({ method: 'GET', path: '' })
    await createTransport({ baseUrl: origin, ...openAccess('https://other.example', credential, ports) }).request({
      method: 'GET',
      path: '',
    })
    expect(seen).toEqual([`Basic ${Buffer.from(`portolan:${makeSecret('pässword')}`).toString('base64')}`, undefined])
  })
})

describe('a failure says whether the request was surely not sent', () => {
  const silent = { timeouts: { responseMs: 100, tlsMs: 100, requestMs: 5_000 } }

  it('not when nobody listens', async () => {
    const port = await listen(createTcpServer())
    await cleanUp.pop()?.()
    const origin = `http://127.0.0.1:${port}`
    expect(await failureOf(outbound([origin])(origin, { method: 'POST', body: '{}' }))).toMatchObject({
      code: 'unreachable',
      delivery: 'not_sent',
    })
  })

  it('not when the name does not exist', async () => {
    const failure = await failureOf(outbound([])('http://nobody.invalid/', { method: 'POST', body: '{}' }))
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
  })

  it('not when the certificate is not trusted', async () => {
    let reached = 0
    const port = await listen(
      createTlsServer({ key: LOCALHOST_KEY, cert: LOCALHOST_CERTIFICATE }, (_, response) => {
        reached++
        response.end()
      }),
    )
    const origin = `https://localhost:${port}`
    const failure = await failureOf(outbound([origin])(`${origin}/`, { method: 'POST', body: '{}' }))
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
    expect(reached).toBe(0)
  })

  it('not when TLS never begins', async () => {
    const port = await listen(createTcpServer(socket => cleanUp.push(() => socket.destroy())))
    const origin = `https://localhost:${port}`
    expect(await failureOf(outbound([origin], silent)(`${origin}/`, { method: 'POST', body: '{}' }))).toMatchObject({
      code: 'unreachable',
      delivery: 'not_sent',
    })
  })

  it('but nobody knows when the site is silent', async () => {
    const port = await serve(() => undefined)
    const origin = `http://127.0.0.1:${port}`
    expect(await failureOf(outbound([origin], silent)(origin, { method: 'POST', body: '{}' }))).toMatchObject({
      code: 'timeout',
      delivery: 'unknown',
    })
  })

  it('nor when it hangs up', async () => {
    const port = await serve(request => request.socket.destroy())
    const origin = `http://127.0.0.1:${port}`
    expect(await failureOf(outbound([origin])(origin, { method: 'POST', body: '{}' }))).toMatchObject({
      code: 'connection_lost',
      delivery: 'unknown',
    })
  })

  it('nor when the answer is cut off', async () => {
    const port = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"id":', () => request.socket.destroy())
    })
    const origin = `http://127.0.0.1:${port}`
    expect(await failureOf(outbound([origin])(origin, { method: 'POST', body: '{}' }))).toMatchObject({
      code: 'connection_lost',
      delivery: 'unknown',
    })
  })

  it('nor when the answer is too long', async () => {
    const port = await serve((_, response) => response.end('x'.repeat(2_000)))
    const origin = `http://127.0.0.1:${port}`
    expect(await failureOf(outbound([origin], { maxResponseBytes: 1_000 })(origin, {}))).toMatchObject({
      code: 'unreadable',
      delivery: 'unknown',
    })
  })

  it('nor when the caller gives up after it was sent', async () => {
    const caller = new AbortController()
    const port = await serve(() => caller.abort())
    const origin = `http://127.0.0.1:${port}`
    const failure = await failureOf(outbound([origin])(origin, { method: 'POST', body: '{}', signal: caller.signal }))
    expect(failure).toMatchObject({ code: 'aborted', delivery: 'unknown' })
  })
})

it('ends what is under way when it is disposed', async () => {
  let made: ReturnType<typeof createOutboundFetch> | undefined
  const port = await serve(() => void made?.[Symbol.asyncDispose]())
  const origin = `http://127.0.0.1:${port}`
  made = createOutboundFetch({ declaredOrigins: [origin] })
  expect(await failureOf(made.fetch(origin, {}))).toMatchObject({ code: 'aborted' })
})
