import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { declareLocation, openLocator } from '../../test/locator-parts.ts'
import { type ConfiguredLocation, Secret } from '../config.ts'
import { ASSUMED_SIZE } from './locator.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

async function serve(handler: Handler): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    void handler(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => {
    server.closeAllConnections()
    return new Promise(done => server.close(done))
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const declare = (id: string, kind: 'http' | 's3', urls: readonly string[], token?: string): ConfiguredLocation =>
  declareLocation({ id, kind, prefixes: urls }, token === undefined ? undefined : { kind: 'bearer', token: new Secret(token) })

const locator = async (locations: readonly ConfiguredLocation[], now: () => number = Date.now) =>
  (await openLocator(locations, now)).locator

const file = (url: string) => [{ url, directory: false }]
const ASSUMED = { ...ASSUMED_SIZE, assumed: true }

describe('where bytes lie', () => {
  it('says the longest declared prefix, on the borders of folders', async () => {
    const found = await (
      await locator([declare('wide', 's3', ['s3://b/']), declare('deep', 's3', ['s3://b/data/x/', 's3://b/one.bam'])])
    ).locate(
      [
        's3://b/data/y',
        's3://b/data/x/y',
        's3://b/data/xy',
        's3://b/one.bam',
        's3://b/one.bam.bai',
        's3://c/',
        's3://b/data/../x',
        'nonsense',
      ].map(url => ({ url, directory: false })),
      200,
    )
    expect(found.map(({ replicas }) => replicas.map(({ location }) => location))).toEqual([
      ['wide'],
      ['deep'],
      ['wide'],
      ['deep'],
      ['wide'],
      [],
      [],
      [],
    ])
    expect(found.map(({ assumed, bytes }) => [assumed, bytes])).toEqual(found.map(() => [true, 1_000_000_000]))
  })
})

describe('how many bytes', () => {
  const rows: readonly [string, Handler, object][] = [
    [
      'tells the length in the answer to HEAD',
      (_, response) => response.writeHead(200, { 'content-length': '1234' }).end(),
      { bytes: 1234, files: 1, assumed: false },
    ],
    [
      'tells a range where HEAD is not allowed',
      (request, response) =>
        request.method === 'HEAD' ? response.writeHead(405).end() : response.writeHead(206, { 'content-range': 'bytes 0-0/77' }).end('x'),
      { bytes: 77, files: 1, assumed: false },
    ],
    [
      'tells a range of nothing where the file is empty',
      (request, response) =>
        request.method === 'HEAD'
          ? response.writeHead(200, { 'transfer-encoding': 'chunked' }).end()
          : response.writeHead(416, { 'content-range': 'bytes */0' }).end(),
      { bytes: 0, files: 1, assumed: false },
    ],
    ['is missing by 404', (_, response) => response.writeHead(404).end(), { bytes: 0, files: 0, assumed: false, missing: true }],
    ['is assumed where the login is refused', (_, response) => response.writeHead(403).end(), ASSUMED],
    [
      'is assumed where the length is nonsense',
      (request, response) =>
        request.method === 'HEAD' ? response.writeHead(200).end() : response.writeHead(206, { 'content-range': 'bytes 0-0/*' }).end('x'),
      ASSUMED,
    ],
    [
      'is assumed where the server leads elsewhere',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      ASSUMED,
    ],
    ['is assumed where the connection breaks', request => request.socket.destroy(), ASSUMED],
  ]
  it.each(rows)('%s', async (_, handler, expected) => {
    const { origin } = await serve(handler)
    const url = `${origin}/data/a`
    expect(await (await locator([declare('here', 'http', [`${origin}/`])])).locate(file(url), 5_000)).toEqual([
      { replicas: [{ location: 'here', url }], ...expected },
    ])
  })

  it('is the sum of a directory and all below it, by the JSON index', async () => {
    const indexes: Record<string, unknown> = {
      '/d/': {
        entries: [
          { name: 'a', type: 'FILE', size: 5 },
          { name: 'ä b', type: 'DIRECTORY' },
          { name: 'e', type: 'DIRECTORY' },
        ],
      },
      '/d/%C3%A4%20b/': { entries: [{ name: 'c', type: 'FILE', size: 7 }] },
      '/d/e/': { entries: [] },
    }
    const { origin, asked } = await serve((request, response) => {
      const index = indexes[request.url ?? '']
      response.writeHead(index ? 200 : 404).end(JSON.stringify(index))
    })
    const made = await locator([declare('here', 'http', [`${origin}/`])])
    expect(
      await made.locate(
        [
          { url: `${origin}/d`, directory: true },
          { url: `${origin}/none/`, directory: false },
        ],
        5_000,
      ),
    ).toMatchObject([{ bytes: 12, files: 2, assumed: false }, { missing: true }])
    expect(asked.toSorted((left, right) => (left < right ? -1 : 1))).toEqual(['GET /d/', 'GET /d/%C3%A4%20b/', 'GET /d/e/', 'GET /none/'])
  })

  it('of a directory is assumed where the server gives another kind of list', async () => {
    const { origin } = await serve((_, response) => response.end('<html>'))
    expect(
      await (await locator([declare('here', 'http', [`${origin}/`])])).locate([{ url: `${origin}/d/`, directory: true }], 5_000),
    ).toMatchObject([ASSUMED])
  })
})

describe('who is asked', () => {
  it('only the origin that a location declares, and with its credential', async () => {
    const seen: (string | undefined)[] = []
    const declared = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(200, { 'content-length': '1' }).end()
    })
    const other = await serve((_, response) => response.end())
    const made = await locator([declare('here', 'http', [`${declared.origin}/`], makeSecret('canary'))])
    await made.locate([...file(`${declared.origin}/a`), ...file(`${other.origin}/a`), ...file('http://169.254.169.254/latest/')], 5_000)
    expect(seen).toEqual([`Bearer ${makeSecret('canary')}`])
    expect(other.asked).toEqual([])
  })

  it('at most sixteen times at once', async () => {
    let open = 0
    let most = 0
    const { origin } = await serve((_, response) => {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        response.writeHead(200, { 'content-length': '1' }).end()
      })
    })
    const inputs = Array.from({ length: 100 }, (_, index) => ({ url: `${origin}/${index}`, directory: false }))
    const found = await (await locator([declare('here', 'http', [`${origin}/`])])).locate(inputs, 20_000)
    expect(found.every(({ bytes }) => bytes === 1)).toBe(true)
    expect(most).toBeLessThanOrEqual(16)
  })
})

describe('the budget', () => {
  it('is for all inputs together; what comes later is known the next time', async () => {
    const late: ServerResponse[] = []
    const { origin } = await serve((request, response) => {
      if (request.url === '/late') late.push(response)
      else response.writeHead(200, { 'content-length': '1' }).end()
    })
    const made = await locator([declare('here', 'http', [`${origin}/`])])
    await made.locate(file(`${origin}/soon`), 5_000)
    const inputs = [...file(`${origin}/late`), ...file(`${origin}/soon`)]
    expect((await made.locate(inputs, 50)).map(({ assumed }) => assumed)).toEqual([true, false])
    await expect.poll(() => late.length).toBe(1)
    for (const response of late) response.writeHead(200, { 'content-length': '9' }).end()
    await expect.poll(async () => (await made.locate(inputs, 50)).map(({ bytes }) => bytes)).toEqual([9, 1])
  })

  it('is waited for also where one file of the location is late, and where its server has answered since two were', async () => {
    const held: ServerResponse[] = []
    const { origin } = await serve((request, response) => {
      if (request.url?.startsWith('/late') === true) held.push(response)
      else response.writeHead(200, { 'content-length': '1' }).end()
    })
    const made = await locator([declare('here', 'http', [`${origin}/`])])
    const assumed = async (path: string, budgetMs: number) => (await made.locate(file(`${origin}/${path}`), budgetMs))[0]?.assumed
    expect([await assumed('late-1', 50), await assumed('other', 20_000)]).toEqual([true, false])
    expect([await assumed('late-2', 50), await assumed('late-3', 50)]).toEqual([true, true])
    // Nobody waits for this one, and its answer is what shows that the server lives.
    expect(await assumed('soon', 20_000)).toBe(true)
    await expect.poll(() => assumed('soon', 0)).toBe(false)
    expect(await assumed('another', 20_000)).toBe(false)
    expect(held).toHaveLength(3)
  })
})

describe('what was found', () => {
  it('is known in every spelling of a web address, and in none that a server may take for another', async () => {
    const { origin, asked } = await serve((_, response) => response.writeHead(200, { 'content-length': '1' }).end())
    const made = await locator([declare('here', 'http', [`${origin}/`])])
    const spellings = ['/a/%64ir', '/a/dir', '/%61/dir', '/a/%64i%72'].flatMap(path => file(`${origin}${path}`))
    const others = ['/a/dir%2b', '/a/dir+', '/a/dir?x'].flatMap(path => file(`${origin}${path}`))
    expect((await made.locate([...spellings, ...others], 5_000)).map(({ bytes }) => bytes)).toEqual(Array(7).fill(1))
    expect(asked).toHaveLength(4)
  })

  it('is kept for a day, and that something is missing for a minute', async () => {
    let at = 0
    const { origin, asked } = await serve((request, response) =>
      request.url === '/gone' ? response.writeHead(404).end() : response.writeHead(200, { 'content-length': '1' }).end(),
    )
    const made = await locator([declare('here', 'http', [`${origin}/`])], () => at)
    const inputs = [...file(`${origin}/a`), ...file(`${origin}/gone`)]
    const countAt = async (time: number) => {
      at = time
      await made.locate(inputs, 5_000)
      return asked.length
    }
    expect([await countAt(0), await countAt(59_999), await countAt(60_000), await countAt(60_001), await countAt(86_400_001)]).toEqual([
      2, 2, 3, 3, 5,
    ])
  })
})
