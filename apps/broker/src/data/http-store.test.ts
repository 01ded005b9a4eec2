/**
 * The store of an HTTP data server, and what becomes of each way in which that server can fail.
 */
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { openSubjectTokens } from '../auth/subject-tokens.ts'
import { type Credential, Secret } from '../config.ts'
import { openAccess } from '../http/access.ts'
import { createOutboundFetch, type OutboundTimeouts } from '../http/outbound-fetch.ts'
import { type FileServer, startFileServer } from './file-server.fixture.ts'
import { createHttpStore } from './http-store.ts'
import { describeObjectStore, foundIn, type OpenedObjectStore, readAll, streamOf } from './object-store.contract.ts'
import type { ObjectStore } from './object-store.ts'

interface Opened extends OpenedObjectStore {
  readonly server: FileServer
}

async function open(credential?: Credential, timeouts: Partial<OutboundTimeouts> = {}): Promise<Opened> {
  const server = await startFileServer()
  const outbound = createOutboundFetch({ declaredOrigins: [server.origin], timeouts })
  const access = openAccess(server.origin, credential, { outbound, subjectTokens: openSubjectTokens, now: Date.now })
  const store = createHttpStore({
    location: 'data' as ObjectStore['location'],
    origin: server.origin,
    access,
    open: credential === undefined,
    now: Date.now,
  })
  return {
    server,
    store,
    fetch,
    root: `${server.origin}/data/`,
    put: async (url, bytes) => server.files.set(decodeURIComponent(new URL(url).pathname), bytes),
    async [Symbol.asyncDispose]() {
      await outbound[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

describeObjectStore('the store of an HTTP location', () => open(), {
  links: true,
  names: ['a b+c.txt', 'ä/ö.txt', "it's (1)!.txt", '100%', 'a?b#c'],
  encode: name => name.split('/').map(encodeURIComponent).join('/'),
})

const signal = (): AbortSignal => AbortSignal.timeout(30_000)

describe('an HTTP server that', () => {
  it.each([
    ['is busy', 503, 'busy'],
    ['fails', 500, 'server'],
    ['asks for a login', 401, 'auth'],
    ['does not open this to us', 403, 'auth'],
    ['leads elsewhere', 307, 'unreadable'],
  ])('%s is told apart', async (_what, status, kind) => {
    await using opened = await open()
    opened.server.meddle = (_request, response) => {
      response.writeHead(status, { location: `${opened.server.origin}/elsewhere` }).end()
      return true
    }
    for (const answer of [
      await opened.store.head(`${opened.root}a`, signal()),
      await opened.store.list(opened.root, undefined, signal()),
      await opened.store.read(`${opened.root}a`, undefined, undefined, signal()),
    ])
      expect(answer).toMatchObject({ outcome: 'failed', failure: { kind } })
    expect(opened.server.asked.some(line => line.includes('elsewhere'))).toBe(false)
  })

  it('sends the whole where a part is asked for is told apart, also where the part is the first', async () => {
    await using opened = await open()
    await opened.put(`${opened.root}a`, Buffer.from('0123456789'))
    opened.server.meddle = request => {
      delete request.headers.range
      return false
    }
    const read = (first: number, last?: number) => opened.store.read(`${opened.root}a`, { first, last }, undefined, signal())
    for (const answer of [await read(0, 4), await read(5, 9)])
      expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'unsupported' } })
    expect(await readAll(foundIn(await read(0)))).toBe('0123456789')
  })

  it('is silent costs no more time than its caller has', async () => {
    await using opened = await open()
    opened.server.meddle = () => true
    expect(await opened.store.head(`${opened.root}a`, AbortSignal.timeout(200))).toMatchObject({ failure: { kind: 'timeout' } })
  })

  it('stands still in the middle of a file is left', async () => {
    await using opened = await open(undefined, { idleMs: 200 })
    opened.server.meddle = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x')
      return true
    }
    const found = foundIn(await opened.store.read(`${opened.root}a`, undefined, undefined, signal()))
    await expect(readAll(found)).rejects.toMatchObject({ code: 'timeout' })
  })

  it('tells nothing by HEAD is asked for the first byte', async () => {
    await using opened = await open()
    await opened.put(`${opened.root}a`, new Uint8Array(7))
    opened.server.meddle = ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(405).end()
      return method === 'HEAD'
    }
    expect(foundIn(await opened.store.head(`${opened.root}a`, signal())).bytes).toBe(7)
  })

  it('sends the whole for a part is not believed', async () => {
    await using opened = await open()
    opened.server.meddle = (_request, response) => {
      response.writeHead(200, { 'content-length': '3' }).end('abc')
      return true
    }
    const answer = await opened.store.read(`${opened.root}a`, { first: 1 }, undefined, signal())
    expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'unsupported' } })
  })

  it('codes what it sends is not believed', async () => {
    await using opened = await open()
    opened.server.meddle = (_request, response) => {
      response.writeHead(200, { 'content-length': '3', 'content-encoding': 'gzip' }).end('abc')
      return true
    }
    const answer = await opened.store.read(`${opened.root}a`, undefined, undefined, signal())
    expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'unsupported' } })
  })

  it('gives no index of its folders cannot be listed', async () => {
    await using opened = await open()
    opened.server.meddle = (_request, response) => {
      response.end('<html>')
      return true
    }
    expect(await opened.store.list(opened.root, undefined, signal())).toMatchObject({ failure: { kind: 'unsupported' } })
  })
})

describe('the store of an HTTP location', () => {
  it('T16 asks first what an end waits for, and last what may stay unknown', async () => {
    await using opened = await open()
    let answered = 0
    opened.server.meddle = ({ url }, response) => {
      if (url?.endsWith('held') === false) response.writeHead(404).end()
      answered += 1
      return true
    }
    const others = new AbortController()
    const held = Array.from({ length: 15 }, () => opened.store.head(`${opened.root}held`, others.signal))
    const asked = (['usual', 'last', 'usual', 'first'] as const).map((turn, i) =>
      opened.store.inTurn(turn).head(`${opened.root}${turn}-${i}`, signal()),
    )
    await Promise.all(asked)
    expect(answered).toBe(19)
    expect(opened.server.asked.filter(line => !line.endsWith('held'))).toEqual(
      ['usual-0', 'first-3', 'usual-2', 'last-1'].map(name => `HEAD /data/${name}`),
    )
    others.abort()
    await Promise.all(held)
  })

  it('makes no links where a credential is asked for', async () => {
    await using opened = await open({ kind: 'bearer', token: new Secret(makeSecret('token')) })
    expect(opened.store.linkTo).toBeUndefined()
  })

  it('reads with its credential, and once more where the token in its file is another one', async () => {
    const file = { holds: makeSecret('old') }
    await using opened = await open({ kind: 'bearer', token: new Secret(file.holds, async () => file.holds) })
    file.holds = makeSecret('new')
    await opened.put(`${opened.root}a`, new TextEncoder().encode('here'))
    opened.server.meddle = ({ headers }, response) => {
      const isRefused = headers.authorization !== `Bearer ${file.holds}`
      if (isRefused) response.writeHead(401).end()
      return isRefused
    }
    const found = foundIn(await opened.store.read(`${opened.root}a`, undefined, undefined, signal()))
    expect(await readAll(found)).toBe('here')
  })

  it.each(['https://elsewhere.example/a', 's3://bucket/a', '/data/a'])('asks nobody about %s', async url => {
    await using opened = await open()
    expect(await opened.store.head(url, signal())).toMatchObject({ failure: { kind: 'unsupported' } })
    expect(opened.server.asked).toEqual([])
  })

  it('writes over no file that has come since the upload began', async () => {
    await using opened = await open()
    const { uploads } = opened.store
    const url = `${opened.root}a`
    const upload = foundIn((await uploads?.begin(url, signal())) ?? expect.fail('no uploads'))
    await opened.put(url, new Uint8Array(1))
    expect(await uploads?.write(upload, 1, streamOf(new Uint8Array(2)), 2, signal())).toEqual({ outcome: 'changed' })
  })
})
