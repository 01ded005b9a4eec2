/**
 * Whoever supplies a URL reaches nothing inside: not by an address however it is written, not by a name however it changes, not by a redirect.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type LookupFunction } from 'node:net'
import { ApiError, type Fetch } from '@portolan/ga4gh'
import { afterEach, describe, expect, it } from 'vitest'
import { ConnectError } from './connect-error.ts'
import { createOutboundFetch, type OutboundOptions } from './outbound-fetch.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** Something inside that should never hear of us: it counts connections, not only requests. */
async function inside(answer = (_request: IncomingMessage, response: ServerResponse): unknown => response.end('inside')) {
  let connections = 0
  const server = createServer(answer)
  server.on('connection', () => {
    connections++
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => new Promise(done => server.close(done)))
  cleanUp.push(() => server.closeAllConnections())
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

function outbound(options: Partial<OutboundOptions> = {}): Fetch {
  const made = createOutboundFetch({ declaredOrigins: [], ...options })
  cleanUp.push(() => made[Symbol.asyncDispose]())
  return made.fetch
}

/** The phase in which the connection failed; `blocked` is the guard. Undefined: there was an answer. */
async function phaseOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error === undefined) return undefined
  if (!(error instanceof ApiError)) throw new Error('expected an ApiError', { cause: error })
  expect(error.delivery).toBe('not_sent')
  return error.cause instanceof ConnectError ? error.cause.phase : `no connect error: ${error.message}`
}

/** A name service that gives its answers one after the other, the last one for ever. */
function names(...answers: readonly (readonly string[])[]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0
  return {
    asked: () => asked,
    lookup: (_host, options, tell) => {
      const addresses = (answers[Math.min(asked++, answers.length - 1)] ?? []).map(address => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }))
      // As any name service: never at once.
      setImmediate(() => (options.all ? tell(null, addresses) : tell(null, addresses[0]?.address ?? '', addresses[0]?.family)))
    },
  }
}

describe('T15 an address', () => {
  it.each([
    ['of this machine', '127.0.0.1'],
    ['with less than four parts', '127.1'],
    ['that is a number', '2130706433'],
    ['in hexadecimal', '0x7f000001'],
    ['in hexadecimal parts', '0x7f.0.0.1'],
    ['in octal', '0177.0.0.1'],
    ['with a dot at the end', '127.0.0.1.'],
    ['in full-width digits', '１２７.０.０.１'],
    ['that is percent-encoded', '%31%32%37.0.0.1'],
    ['of nothing in particular', '0.0.0.0'],
    ['that is just a zero', '0'],
    ['IPv6 of this machine', '[::1]'],
    ['IPv6 of nothing', '[::]'],
    ['IPv4 inside IPv6', '[::ffff:127.0.0.1]'],
    ['IPv4 inside IPv6 in hexadecimal', '[::ffff:7f00:1]'],
    ['IPv4 inside IPv6, the old way', '[::127.0.0.1]'],
    ['behind NAT64', '[64:ff9b::7f00:1]'],
    ['behind a NAT64 of one’s own', '[64:ff9b:1::a9fe:a9fe]'],
    ['behind 6to4', '[2002:7f00:1::]'],
    ['unique and local', '[fd12:3456:789a::1]'],
    ['local to the link', '[fe80::1]'],
    ['of a private network', '10.1.2.3'],
    ['of another', '172.16.0.1'],
    ['of a third', '192.168.1.1'],
    ['of a provider’s own network', '100.64.0.1'],
    ['of cloud metadata', '169.254.169.254'],
    ['of cloud metadata as a number', '2852039166'],
    ['of cloud metadata in hexadecimal', '0xa9fea9fe'],
    ['of cloud metadata in octal', '0251.0376.0251.0376'],
    ['of cloud metadata inside IPv6', '[::ffff:169.254.169.254]'],
    ['of cloud metadata behind NAT64', '[64:ff9b::a9fe:a9fe]'],
    ['of cloud metadata over IPv6', '[fd00:ec2::254]'],
    ['of the host agent of Azure', '168.63.129.16'],
    ['of everybody', '224.0.0.1'],
  ])('%s is refused before anything is sent there: %s', async (_name, host) => {
    for (const scheme of ['http', 'https']) {
      expect(await phaseOf(outbound()(`${scheme}://${host}:9/latest/meta-data/`, {}))).toBe('blocked')
    }
  })

  it('inside is not even connected to', async () => {
    const { port, connections } = await inside()
    const { lookup } = names(['127.0.0.1'])
    expect(await phaseOf(outbound()(`http://127.0.0.1:${port}/`, {}))).toBe('blocked')
    expect(await phaseOf(outbound({ lookup })(`http://public.example:${port}/`, {}))).toBe('blocked')
    expect(connections()).toBe(0)
  })
})

describe('T15 a name', () => {
  it('that leads inside is refused, also where a public address stands beside it', async () => {
    for (const answer of [['169.254.169.254'], ['::ffff:10.0.0.1'], ['203.0.114.1', '127.0.0.1'], ['127.0.0.1', '203.0.114.1']]) {
      const { lookup } = names(answer)
      expect(await phaseOf(outbound({ lookup })('http://public.example/', {}))).toBe('blocked')
    }
  })

  it('that changes its address after it was looked at is judged by the one that it has then', async () => {
    const { port, connections } = await inside()
    const { lookup, asked } = names(['203.0.114.1'], ['127.0.0.1'])
    const looked = await new Promise(resolve => lookup('public.example', {}, (_error, address) => resolve(address)))
    expect(looked).toBe('203.0.114.1')
    expect(await phaseOf(outbound({ lookup })(`http://public.example:${port}/`, {}))).toBe('blocked')
    expect([asked(), connections()]).toEqual([2, 0])
  })

  it('is judged anew for each connection', async () => {
    const { lookup, asked } = names(['127.0.0.1'])
    const fetch = outbound({ lookup })
    for (let round = 0; round < 3; round++) expect(await phaseOf(fetch('http://public.example:9/', {}))).toBe('blocked')
    expect(asked()).toBe(3)
  })

  it('is no way round by being declared on another port, scheme or name', async () => {
    const { port, connections } = await inside()
    const fetch = outbound({ declaredOrigins: [`http://declared.example:${port}`], lookup: names(['127.0.0.1']).lookup })
    expect(await phaseOf(fetch(`http://declared.example:${port}/`, {}))).toBeUndefined()
    expect(connections()).toBe(1)
    for (const other of [
      `http://declared.example:${port + 1}/`,
      `https://declared.example:${port}/`,
      `http://declared.example.evil.example:${port}/`,
      `http://declared.example.:${port}/`,
      `http://localhost:${port}/`,
      `http://127.0.0.1:${port}/`,
    ])
      expect(await phaseOf(fetch(other, {}))).toBe('blocked')
    expect(connections()).toBe(1)
  })
})

describe('T15 a redirect', () => {
  it.each([301, 302, 303, 307, 308])('leads nowhere, to metadata or elsewhere (%i)', async status => {
    const target = await inside()
    for (const location of ['http://169.254.169.254/latest/meta-data/', `http://127.0.0.1:${target.port}/`]) {
      const { port } = await inside((_, response) => response.writeHead(status, { location }).end())
      const origin = `http://127.0.0.1:${port}`
      const fetch = outbound({ declaredOrigins: [origin, `http://127.0.0.1:${target.port}`] })
      const answer = await fetch(`${origin}/`, { method: 'POST', body: '{}' }).catch(String)
      expect(answer).toHaveProperty('status', status)
    }
    expect(target.connections()).toBe(0)
  })
})

describe('T15 another way in', () => {
  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1/',
    'data:text/plain,x',
    'unix:/var/run/docker.sock:/info',
    'http://unix:/var/run/docker.sock:/info',
  ])('%s is none', async href => {
    expect(await phaseOf(outbound()(href, {}))).not.toBeUndefined()
  })

  it('a proxy that the environment names is not asked', async () => {
    const proxy = createTcpServer(socket => socket.destroy())
    let connections = 0
    proxy.on('connection', () => {
      connections++
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    cleanUp.push(() => new Promise(done => proxy.close(done)))
    const { port } = await inside()
    const origin = `http://127.0.0.1:${port}`
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const before = { http_proxy: process.env.http_proxy, HTTP_PROXY: process.env.HTTP_PROXY }
    Object.assign(process.env, { http_proxy: address, HTTP_PROXY: address })
    try {
      expect((await outbound({ declaredOrigins: [origin] })(`${origin}/`, {})).status).toBe(200)
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
    expect(connections).toBe(0)
  })
})
