import type { LinkWish, LocationId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { type DrsServer, startDrs } from '../../../../test/drs/server.ts'
import type { ServedMethod, ServedObject } from '../../../../test/drs/shelf.ts'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { declareLocation, declareS3, openLocator } from '../../test/locator-parts.ts'
import { startSlowHttp } from '../../test/slow-http.ts'
import { Secret } from '../config.ts'

const LONG_MS = 20_000
const HOUR_MS = 3_600_000
const signal = (): AbortSignal => AbortSignal.timeout(LONG_MS)

/** Beside the DRS server: buckets at two S3 servers, of which one says on whose ground it is, and an open HTTP server. None of them is there. */
async function openDrs({ host, origin }: DrsServer, token?: string) {
  return openLocator([
    declareLocation(
      { id: 'drs', kind: 'drs', endpoint: origin, prefixes: [`drs://${host}/`] },
      token === undefined ? undefined : { kind: 'bearer', token: new Secret(token) },
    ),
    declareS3('plain', 'http://127.0.0.1:9', ['s3://plain/']),
    declareS3('aws', 'https://s3.us-east-2.amazonaws.com', ['s3://ground/'], { cloud: 'aws', region: 'us-east-2' }),
    declareLocation({ id: 'open', kind: 'http', prefixes: ['https://open.example.org/data/'] }),
  ])
}

async function locateOne(object: ServedObject) {
  await using server = await startDrs({ objects: { x: object, in: { holds: ['f'] }, f: { size: 3 } } })
  const { locator } = await openDrs(server)
  const url = `drs://${server.host}/x`
  const [found] = await locator.locate([{ url, directory: object.holds !== undefined }], LONG_MS)
  expect(server.breaches).toEqual([])
  const replicas = found?.replicas.map(
    replica =>
      `${replica.location} ${replica.url === url ? 'as named' : replica.url}${replica.link ? ' by link' : ''}${replica.at ? ` to ${replica.at}` : ''}`,
  )
  return { ...found, replicas }
}

describe('the bytes of a DRS object', () => {
  const rows: readonly [string, readonly ServedMethod[], readonly string[]][] = [
    ['lie at the declared bucket that an address names', [{ type: 's3', url: 's3://plain/k' }], ['plain s3://plain/k']],
    [
      'lie at every declared place that an address names',
      [
        { type: 's3', url: 's3://ground/k' },
        { type: 'https', url: 'https://open.example.org/data/k' },
      ],
      ['aws s3://ground/k', 'open https://open.example.org/data/k'],
    ],
    [
      'lie by the rules of the DRS location where an address is open to all',
      [{ type: 'https', url: 'https://x.org/k' }],
      ['drs https://x.org/k'],
    ],
    [
      'lie on the declared ground where the way has an access id',
      [{ type: 's3', behind: { url: 'https://signed' }, cloud: 'AWS', region: 'us-east-2' }],
      ['aws as named by link'],
    ],
    [
      'lie nobody knows where on another ground',
      [{ type: 's3', behind: { url: 'https://signed' }, cloud: 'gcp', region: 'us-east-2' }],
      ['drs as named by link'],
    ],
    ['lie nobody knows where on no ground', [{ type: 'https', behind: { url: 'https://signed' } }], ['drs as named by link']],
    ['lie where no other address counts: an undeclared bucket', [{ type: 's3', url: 's3://elsewhere/k' }], ['drs as named']],
    ['lie where no other address counts: an archive', [{ type: 's3', url: 's3://plain/k', available: false }], ['drs as named']],
  ]
  it.each(rows)('%s', async (_sentence, methods, replicas) => {
    expect(await locateOne({ size: 12, methods })).toEqual({ bytes: 12, files: 1, assumed: false, replicas })
  })

  it.each([
    ['https://x.org/k?sig=1', 'drs as named by link'],
    ['https://a@x.org/k', 'drs as named'],
    ['https://:b@x.org/k', 'drs as named'],
    ['https://x.org//k', 'drs as named'],
    ['https://bucket.s3.eu-west-1.amazonaws.com/k', 'drs as named'],
    ['https://open.example.org/data/k?sig=1', 'open as named by link to https://open.example.org/data/k'],
    ['s3://plain/k?sig=1', 'plain as named to s3://plain/k'],
  ])('T09 lie by no address with a query, a user, a password or two meanings in it: %s', async (url, replica) => {
    expect(await locateOne({ size: 12, methods: [{ type: 'https', url }] })).toMatchObject({ bytes: 12, replicas: [replica] })
  })

  it('lie at sixteen places at most, and at each further one that has rules of its own', async () => {
    const ways = (host: string): ServedMethod[] =>
      Array.from({ length: 50 }, (_, at) => ({ type: 'https', url: `https://${host}/data/${at}` }))
    const { replicas } = await locateOne({ size: 1, methods: [...ways('x.org'), ...ways('open.example.org')] })
    expect(replicas?.map(replica => replica.split(' ', 1)[0])).toEqual([...Array.from({ length: 16 }, () => 'drs'), 'open'])
  })

  it('are the sum of all files in a bundle', async () => {
    expect(await locateOne({ holds: ['in', 'f', 'f'] })).toEqual({ bytes: 9, files: 3, assumed: false, replicas: ['drs as named'] })
  })

  it('are missing, or assumed where they are denied', async () => {
    await using server = await startDrs({ objects: { mine: { status: 403 }, a: { size: 1 } } })
    const { locator, health } = await openDrs(server)
    const urls = ['a', 'nope', 'mine'].map(id => ({ url: `drs://${server.host}/${id}`, directory: false }))
    expect(await locator.locate(urls, LONG_MS)).toMatchObject([{ bytes: 1 }, { missing: true }, { assumed: true }])
    expect(health.condition('drs' as LocationId).state).toBe('up')
  })

  it('are assumed where an object names more ways than anybody looks at', async () => {
    const methods = Array.from({ length: 257 }, (_, at): ServedMethod => ({ type: 'https', url: `https://open.example.org/${at}` }))
    await using server = await startDrs({ objects: { a: { size: 1, methods }, b: { size: 1, methods: methods.slice(1) } } })
    const { locator } = await openDrs(server)
    const asked = ['a', 'b'].map(id => ({ url: `drs://${server.host}/${id}`, directory: false }))
    expect(await locator.locate(asked, LONG_MS)).toMatchObject([{ assumed: true }, { bytes: 1 }])
  })

  it('are assumed where nobody answers', async () => {
    const server = await startDrs({ objects: {} })
    await server[Symbol.asyncDispose]()
    const { locator } = await openDrs(server)
    expect(await locator.locate([{ url: `drs://${server.host}/a`, directory: false }], LONG_MS)).toMatchObject([{ assumed: true }])
  })
})

async function askFor(methods: readonly ServedMethod[], neededMs?: number, stagingMs = neededMs) {
  const server = await startDrs({ objects: { x: { size: 1, methods } } })
  const { links } = await openDrs(server)
  const wish: LinkWish = {
    path: '/in/x',
    url: `drs://${server.host}/x`,
    location: 'drs' as LocationId,
    directory: false,
    lifeMs: 6 * HOUR_MS,
    neededMs,
    stagingMs,
  }
  const [answer] = await links.stage([wish], 100_000, signal())
  await server[Symbol.asyncDispose]()
  return { answer, requests: server.requests.map(({ operation }) => operation) }
}

describe('the address of a DRS object', () => {
  const staged = (url: string) => ({ outcome: 'staged', input: { path: '/in/x', files: [{ path: '/in/x', url }] }, foreign: true })

  it('is asked for by an access id of the same moment', async () => {
    const { answer, requests } = await askFor([{ type: 'https', behind: { url: 'https://store.example.org/x?sig=1' } }])
    expect(answer).toEqual(staged('https://store.example.org/x?sig=1'))
    expect(requests).toEqual(['GetObject', 'GetAccessURL'])
  })

  it('is an open one where there is one', async () => {
    const { answer, requests } = await askFor([
      { type: 'https', behind: { url: 'https://store.example.org/x?sig=1' } },
      { type: 'https', url: 'https://open.example.org/x' },
    ])
    expect(answer).toEqual(staged('https://open.example.org/x'))
    expect(requests).toEqual(['GetObject'])
  })

  it.each<[string, ServedMethod]>([
    ['needs headers', { type: 'https', behind: { url: 'https://store.example.org/x', headers: ['Authorization: Bearer x'] } }],
    ['is in a scheme of its own', { type: 's3', behind: { url: 's3://b/x' } }],
    ['must be brought from an archive', { type: 'https', behind: { url: 'https://x' }, available: false }],
  ])('is none where it %s', async (_sentence, method) => {
    expect((await askFor([method])).answer).toMatchObject({ outcome: 'failed', path: '/in/x', failure: { kind: 'unsupported' } })
  })
})

describe('the end of such an address', () => {
  const HALF_PAST_MS = Math.ceil(Date.now() / 1000) * 1000 + HOUR_MS / 2
  const behind = (host: string, endsAt?: number): ServedMethod => ({
    type: 'https',
    behind: { url: `https://${host}.example.org/x?${endsAt === undefined ? '' : `Expires=${endsAt / 1000}&`}Signature=HIDDEN` },
  })
  const openWith = async (neededMs: number | undefined, methods: readonly ServedMethod[]) => {
    const { answer, requests } = await askFor(methods, neededMs)
    const [file] = answer?.outcome === 'staged' ? answer.input.files : []
    const asked = requests.filter(operation => operation === 'GetAccessURL').length
    return { from: file && URL.parse(file.url)?.host.replace('.example.org', ''), asked, answer }
  }
  const short = behind('short', HALF_PAST_MS)
  const long = behind('long', HALF_PAST_MS + 24 * HOUR_MS)
  const older = behind('older', HALF_PAST_MS - HOUR_MS)

  it.each<[string, number | undefined, readonly ServedMethod[], string, number]>([
    ['is late enough where it is after the wait and the staging', HOUR_MS / 4, [short, long], 'short', 1],
    ['is late enough within what clocks differ', HOUR_MS / 2 + 30_000, [short, long], 'short', 1],
    ['is another where the first one is too early', HOUR_MS, [short, long], 'long', 2],
    ['may be one that nobody knows, in the order of the server', HOUR_MS, [short, behind('silent'), long], 'silent', 2],
    ['does not count where nothing is handed to anybody', undefined, [older], 'older', 1],
  ])('%s', async (_sentence, neededMs, methods, from, asked) => {
    expect(await openWith(neededMs, methods)).toMatchObject({ from, asked })
  })

  it('is told where it is before that of links of the broker would be, and else not', async () => {
    expect((await openWith(0, [short])).answer).toMatchObject({ outcome: 'staged', endsAt: HALF_PAST_MS })
    for (const way of [long, behind('silent')]) expect((await openWith(0, [way])).answer).not.toHaveProperty('endsAt')
  })

  it.each([
    ['the latest is too early', [older, short], "its server's address ends after 30 min, and wait and staging are expected to take 1 h: "],
    ['it is past', [older], "its server's address has ended already, and wait and staging are expected to take 1 h: "],
  ] as const)('fails the input where %s, with the fix and without the address', async (_sentence, methods, begin) => {
    const { answer } = await openWith(HOUR_MS, methods)
    const detail = `${begin}let the site read by itself (\`credentialsAt\`), or declare the place with a key`
    expect(answer).toEqual({ outcome: 'failed', path: '/in/x', failure: { kind: 'unsupported', detail } })
  })

  it('fails the input for now alone where it is the wait that is too long', async () => {
    const { answer } = await askFor([short], HOUR_MS, HOUR_MS / 4)
    expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'busy', detail: expect.stringContaining('ends after 30 min') } })
  })
})

describe('who is asked', () => {
  it('T15 is the declared DRS server alone, and it alone gets the token', async () => {
    const token = makeSecret('drs')
    await using foreign = await startSlowHttp(0)
    await using other = await startDrs({ objects: { x: { size: 1 } } })
    await using server = await startDrs({
      objects: { x: { size: 5, methods: [{ type: 'https', url: `${foreign.origin}/x` }] } },
      token,
    })
    const { locator, links } = await openDrs(server, token)
    const url = `drs://${server.host}/x`
    const elsewhere = `drs://${other.host}/x`
    const found = await locator.locate(
      [
        { url, directory: false },
        { url: elsewhere, directory: false },
      ],
      LONG_MS,
    )
    expect(found).toMatchObject([
      { bytes: 5, assumed: false },
      { assumed: true, replicas: [] },
    ])
    const wish = { path: '/in/x', url: elsewhere, location: 'drs' as LocationId, directory: false, lifeMs: 60_000 }
    expect(await links.stage([wish], 100_000, signal())).toMatchObject([{ outcome: 'failed' }])
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${token}`])
    expect([other.requests, foreign.requests]).toEqual([[], []])
  })
})
