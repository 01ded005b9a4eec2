import { describe, expect, it } from 'vitest'
import { type DrsServer, type DrsServerOptions, startDrs } from '../../../../test/drs/server.ts'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { ApiError, bearer } from '../index.ts'
import { createDrsClient, type DrsLookup } from './index.ts'

const FILES = Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`f${at}`, { size: at }]))
const IDS = Object.keys(FILES)

const clientOf = ({ baseUrl }: DrsServer, more: Partial<Parameters<typeof createDrsClient>[0]> = {}) =>
  createDrsClient({ baseUrl, maxRetries: 0, ...more })
const linesOf = ({ requests }: DrsServer): readonly string[] => requests.map(({ line }) => line)
const sayLookup = (lookup: DrsLookup): unknown =>
  lookup.outcome === 'found' ? lookup.object.size : lookup.outcome === 'failed' ? lookup.error.code : lookup.outcome
const sizes = (found: ReadonlyMap<string, DrsLookup>): unknown =>
  Object.fromEntries([...found].map(([id, lookup]) => [id, sayLookup(lookup)]))
const failureOf = (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => (error instanceof ApiError ? error : Promise.reject(error)),
  )

describe('one object', () => {
  it('has a size, checksums and ways to its bytes', async () => {
    await using server = await startDrs({
      objects: {
        'a/b c': {
          size: 7,
          methods: [
            { type: 's3', url: 's3://b/k', cloud: 'aws', region: 'us-east-2' },
            { type: 'https', behind: { url: 'https://x/y' } },
          ],
        },
      },
    })
    expect(await clientOf(server).getObject('a/b c')).toMatchObject({
      id: 'a/b c',
      size: 7,
      checksums: [{ type: 'md5' }],
      access_methods: [
        { type: 's3', access_url: { url: 's3://b/k' }, cloud: 'aws', region: 'us-east-2' },
        { type: 'https', access_id: expect.any(String) },
      ],
    })
    expect(linesOf(server)).toEqual(['GET /objects/a%2Fb%20c'])
    expect(server.breaches).toEqual([])
  })

  it('that is a bundle says what it holds, and what that holds', async () => {
    await using server = await startDrs({ objects: { ...FILES, in: { holds: ['f1', 'f2'] }, out: { holds: ['in', 'f3'] } } })
    const bundle = await clientOf(server).getObject('out', { expand: true })
    expect(bundle).toMatchObject({ size: 6, contents: [{ id: 'in', contents: [{ id: 'f1' }, { id: 'f2' }] }, { id: 'f3' }] })
    expect(server.breaches).toEqual([])
  })

  it('has its address from an access id of the same look; an older one is not found', async () => {
    const behind = { url: 'https://store/x?sig=1', headers: ['X-A: b'] }
    await using server = await startDrs({ objects: { x: { size: 1, methods: [{ type: 'https', behind }] } } })
    const client = clientOf(server)
    const idOf = async () => (await client.getObject('x')).access_methods[0]?.access_id ?? ''
    const [first, second] = [await idOf(), await idOf()]
    expect(await client.access('x', second)).toEqual(behind)
    expect(await failureOf(client.access('x', first))).toMatchObject({ code: 'not_found' })
    expect(server.breaches).toEqual([])
  })

  it('that must be brought first is an error that says how long to wait', async () => {
    await using server = await startDrs({ objects: FILES })
    server.fault = () => ({ status: 202, headers: { 'retry-after': '40' } })
    expect(await failureOf(clientOf(server).getObject('f1'))).toMatchObject({ code: 'server_error', status: 202, retryAfterMs: 40_000 })
  })

  it('is never asked for by a name that would leave the path', async () => {
    await using server = await startDrs({ objects: FILES })
    for (const id of ['', '.', '..']) expect(await failureOf(clientOf(server).getObject(id))).toMatchObject({ code: 'bad_request' })
    expect(server.requests).toEqual([])
  })

  it('is read from an answer with nulls and words of its own', async () => {
    await using server = await startDrs({ objects: FILES })
    const body = { id: 'f1', size: '12', checksums: null, access_methods: [null, { type: 's3', access_url: null, region: 4 }], more: 1 }
    server.fault = () => ({ status: 200, body })
    expect(await clientOf(server).getObject('f1')).toEqual({ id: 'f1', checksums: [], access_methods: [{ type: 's3' }] })
    server.fault = () => ({ status: 200, body: { name: 'no id' } })
    expect(await failureOf(clientOf(server).getObject('f1'))).toMatchObject({ code: 'unreadable' })
  })
})

const POSTS = (count: number): readonly string[] => Array.from({ length: count }, () => 'POST /objects')

describe('many objects', () => {
  const rows: readonly [string, Partial<DrsServerOptions>, readonly string[]][] = [
    ['of a 1.5 server come by its word', {}, ['GET /service-info', 'POST /objects']],
    ['of an older server by the older word, a hundred at a time', { dialect: 'selection' }, ['GET /service-info', ...POSTS(2)]],
    [
      'of an older server that says it is 1.5 by the older word, after a look at what it has read',
      { dialect: 'selection', version: '1.5.0' },
      ['GET /service-info', ...POSTS(3)],
    ],
    ['of a 1.5 server that says it is older by its word', { version: '1.4' }, ['GET /service-info', ...POSTS(2)]],
    ['come in as many requests as the server wants', { mostIds: 50 }, ['GET /service-info', ...POSTS(3)]],
    ['come in halves where the server takes fewer than it says', { mostIds: 60, saidMostIds: 1_000 }, ['GET /service-info', ...POSTS(3)]],
  ]
  it.each(rows)('%s', async (_sentence, options, lines) => {
    await using server = await startDrs({ objects: FILES, ...options })
    expect(sizes(await clientOf(server).getObjects(IDS))).toEqual(Object.fromEntries(IDS.map((id, at) => [id, at])))
    expect(linesOf(server)).toEqual(lines)
    expect(server.breaches).toEqual([])
  })

  it('are asked for by what was learnt the day before, and no longer', async () => {
    let at = 0
    await using server = await startDrs({ objects: FILES, dialect: 'selection', version: '1.5.0' })
    const client = clientOf(server, { now: () => at })
    const countAfter = async (time: number) => {
      at = time
      await client.getObjects(IDS)
      return server.requests.length
    }
    expect([await countAfter(0), await countAfter(86_399_999), await countAfter(86_400_000)]).toEqual([4, 6, 10])
  })

  it('that are few come without a look at what the server says of itself', async () => {
    await using server = await startDrs({ objects: FILES, dialect: 'selection' })
    const client = clientOf(server)
    for (const _ of [1, 2]) expect(sizes(await client.getObjects(['f1', 'f2']))).toEqual({ f1: 1, f2: 2 })
    expect(linesOf(server)).toEqual(POSTS(3))
    expect((await client.getObjects(IDS)).size).toBe(120)
    expect(linesOf(server).slice(3)).toEqual(['GET /service-info', ...POSTS(2)])
  })

  it.each(['1.5', 'selection'] as const)('that are missing are told from those that are denied, in %s', async dialect => {
    await using server = await startDrs({ objects: { ...FILES, mine: { status: 403 } }, dialect })
    const found = await clientOf(server).getObjects(['f1', 'nope', 'mine', 'f1'])
    expect(sizes(found)).toEqual({ f1: 1, nope: 'missing', mine: 'unreadable' })
    expect(server.breaches).toEqual([])
  })

  it('come one by one, sixteen at once, where the server knows no bulk', async () => {
    await using server = await startDrs({ objects: FILES })
    server.fault = ({ operation }) => (operation === 'GetBulkObjects' ? { status: 405 } : undefined)
    const client = clientOf(server)
    expect(sizes(await client.getObjects([...IDS, 'nope']))).toMatchObject({ f0: 0, f11: 11, f119: 119, nope: 'missing' })
    await client.getObjects(IDS)
    expect(linesOf(server).filter(line => line.startsWith('POST'))).toHaveLength(2)
  })

  it('are asked for where service-info is not known, and not where nobody answers', async () => {
    await using server = await startDrs({ objects: FILES })
    server.fault = ({ operation }) => (operation === 'GetServiceInfo' ? { status: 404 } : undefined)
    expect((await clientOf(server).getObjects(IDS)).get('f119')).toMatchObject({ object: { size: 119 } })
    server.fault = () => 'hang up'
    expect(sizes(await clientOf(server).getObjects(['f1', 'f2']))).toEqual({ f1: 'connection_lost', f2: 'connection_lost' })
    expect([...(await clientOf(server).getObjects(IDS)).values()].map(sayLookup)).toEqual(IDS.map(() => 'connection_lost'))
    expect(server.requests).toHaveLength(5)
  })

  it('are unknown, not missing, where the server says nothing of them', async () => {
    await using server = await startDrs({ objects: FILES })
    const body = { summary: { requested: 2 }, resolved_drs_object: [{ id: 'other', size: 1 }] }
    server.fault = ({ operation }) => (operation === 'GetBulkObjects' ? { status: 200, body } : undefined)
    expect(sizes(await clientOf(server).getObjects(['f1', 'f2']))).toEqual({ f1: 'unreadable', f2: 'unreadable' })
  })

  it('end with their signal', async () => {
    await using server = await startDrs({ objects: FILES, latencyMs: 60_000 })
    const found = await clientOf(server).getObjects(['f1', 'f2'], { signal: AbortSignal.timeout(20) })
    expect(sizes(found)).toEqual({ f1: 'aborted', f2: 'aborted' })
  })
})

describe('who gets the token', () => {
  it('T15 is the server alone: no address that it names is asked', async () => {
    const token = makeSecret('drs')
    await using other = await startDrs({ objects: {} })
    const methods = [
      { type: 'https' as const, url: `${other.origin}/data` },
      { type: 'https' as const, behind: { url: `${other.origin}/behind` } },
    ]
    await using server = await startDrs({ objects: { x: { size: 1, methods } }, token })
    const client = clientOf(server, { auth: bearer(token) })
    const { access_methods } = await client.getObject('x')
    await client.access('x', access_methods[1]?.access_id ?? '')
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${token}`, `Bearer ${token}`])
    expect(other.requests).toEqual([])
    expect(await failureOf(clientOf(server).getObject('x'))).toMatchObject({ code: 'unauthorized' })
  })
})
