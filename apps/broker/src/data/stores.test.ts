/**
 * The stores of declared locations as others get them, with the way out of the broker: who is asked, and what nobody is asked.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { inspect } from 'node:util'
import type { LocationId } from '@portolan/federation'
import { afterEach, describe, expect, it } from 'vitest'
import { MARKER, makeSecret } from '../../../../test/leaks/secrets.ts'
import { type S3Server, startS3 } from '../../../../test/s3/stand-in.ts'
import { openSubjectTokens } from '../auth/subject-tokens.ts'
import { declaredOriginsOf } from '../compose/declared-origins.ts'
import { originOf } from '../config/checks.ts'
import { convertLocation, convertServer } from '../config/convert.ts'
import { LocationFile } from '../config/location-file.ts'
import { type ConfiguredLocation, type LocationCredential, Secret } from '../config.ts'
import { createOutboundFetch } from '../http/outbound-fetch.ts'
import { createLocationHealth } from './kept-health.ts'
import type { LocationHealth } from './location-health.ts'
import { lookupHere } from './lookup-here.fixture.ts'
import { foundIn, readAll } from './object-store.contract.ts'
import type { ObjectStore, ObjectStores } from './object-store.ts'
import type { DataObserver } from './observer.ts'
import { createLinks, type DrsAccess } from './store-links.ts'
import { createObjectStores } from './stores.ts'

const KEY = { reader: 'broker', accessKey: makeSecret('access'), secretKey: makeSecret('secret') }
const CREDENTIAL: LocationCredential = { kind: 's3', accessKey: new Secret(KEY.accessKey), secretKey: new Secret(KEY.secretKey) }

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function server(buckets: readonly string[] = ['genomes'], addressing: 'path' | 'virtual' = 'path'): Promise<S3Server> {
  const made = await startS3({ buckets, keys: [KEY], addressing })
  cleanUp.push(() => made[Symbol.asyncDispose]())
  return made
}

/** A location as its file says. */
function declare(id: string, more: object, keys: LocationCredential | null = CREDENTIAL): ConfiguredLocation {
  const credential = keys ?? undefined
  const declared = keys && { credential: { kind: 's3', accessKeyRef: 'env:A', secretKeyRef: 'env:B' } }
  const file = LocationFile.parse({ id, country: 'DE', kind: 's3', ...declared, ...more })
  return { location: convertLocation(file), server: convertServer(file), origin: originOf(file), credential, file: 'test' }
}

const prefixes = (...urls: readonly string[]) => ({ prefixes: urls.map(url => ({ url })) })

interface Opened {
  readonly stores: ObjectStores
  readonly health: LocationHealth
  /** All that the observer was told. */
  readonly told: unknown[][]
  readonly observer: DataObserver
  end(): Promise<void>
}

async function open(locations: readonly ConfiguredLocation[], declaredOrigins?: readonly string[]): Promise<Opened> {
  const outbound = createOutboundFetch({ declaredOrigins: declaredOrigins ?? locations.flatMap(declaredOriginsOf), lookup: lookupHere })
  const told: unknown[][] = []
  const tell =
    (what: string) =>
    (...of: unknown[]): void =>
      void told.push([what, ...of])
  const observer: DataObserver = {
    asked: tell('asked'),
    located: tell('located'),
    measured: tell('measured'),
    linked: tell('linked'),
    relayed: tell('relayed'),
  }
  const health = createLocationHealth(Date.now)
  const access = { outbound, subjectTokens: openSubjectTokens, now: Date.now }
  const stores = await createObjectStores({ locations, access, health, observer })
  const end = async (): Promise<void> => {
    await stores[Symbol.asyncDispose]()
    await outbound[Symbol.asyncDispose]()
  }
  cleanUp.push(end)
  return { stores, health, told, observer, end }
}

const signal = (ms = 30_000): AbortSignal => AbortSignal.timeout(ms)
const of = (opened: Opened, id = 'a'): ObjectStore => opened.stores.byLocation.get(id as LocationId) ?? expect.fail('no store')

describe('the stores of locations', () => {
  it('are found by the longest prefix that covers a URL', async () => {
    const { origin } = await server()
    const opened = await open([
      declare('wide', { endpoint: origin, ...prefixes('s3://genomes/') }),
      declare('narrow', { endpoint: origin, ...prefixes('s3://genomes/secret/') }),
    ])
    expect(opened.stores.at('s3://genomes/a')?.location).toBe('wide')
    expect(opened.stores.at('s3://genomes/secret/a')?.location).toBe('narrow')
    expect(opened.stores.at(`${origin}/genomes/secret/a`)?.location).toBe('narrow')
    expect([opened.stores.at('s3://other/a'), opened.stores.at('s3://genomes/../x')]).toEqual([undefined, undefined])
  })

  it('are there for what can be asked alone', async () => {
    const http = declare('open', { kind: 'http', credential: undefined, ...prefixes('https://data.example/') }, null)
    const nobody = declare('nobody', { endpoint: 'https://s3.example', credential: undefined, ...prefixes('s3://b/') }, null)
    const drs = declare('drs', { kind: 'drs', credential: undefined, ...prefixes('drs://drs.example/') }, null)
    const opened = await open([http, nobody, drs, declare('a', { endpoint: 'https://s3.example', ...prefixes('s3://c/') })])
    expect([...opened.stores.byLocation.keys()]).toEqual(['open', 'a'])
  })

  it('T03 ask for nothing but what their own location declares', async () => {
    const s3 = await server(['genomes', 'others'])
    for (const name of ['genomes', 'others']) await s3.bucket(name).put('secret/x', 'x')
    const opened = await open([
      declare('a', { endpoint: s3.origin, ...prefixes('s3://genomes/') }),
      declare('b', { endpoint: s3.origin, ...prefixes('s3://genomes/secret/') }),
    ])
    const store = of(opened)
    for (const url of ['s3://others/secret/x', `${s3.origin}/others/secret/x`, 's3://genomes/secret/x', 's3://genomes/a/../secret/x']) {
      const answers = [
        await store.head(url, signal()),
        await store.read(url, undefined, undefined, signal()),
        await store.uploads?.begin(url, signal()),
      ]
      expect(answers.map(answer => answer?.outcome === 'failed' && answer.failure.kind)).toEqual([
        'unsupported',
        'unsupported',
        'unsupported',
      ])
      for (const link of [store.linkTo?.(url, 60_000), store.uploads?.linkTo?.({ url, id: '1' }, 1, 5, 60_000)])
        expect(
          await link?.then(
            () => 'made',
            (error: unknown) => error instanceof TypeError && 'refused',
          ),
        ).toBe('refused')
    }
    expect(await store.list('s3://others/', undefined, signal())).toMatchObject({ failure: { kind: 'unsupported' } })
    expect(s3.requests).toEqual([])
  })

  it('T03 list nothing that lies under the rules of another location', async () => {
    const s3 = await server()
    for (const key of ['a', 'secret/x', 'z', 'a//b', '../up', 'b?c', 'b#c']) await s3.bucket('genomes').put(key, 'x')
    const opened = await open([
      declare('a', { endpoint: s3.origin, ...prefixes('s3://genomes/') }),
      declare('b', { endpoint: s3.origin, ...prefixes('s3://genomes/secret/') }),
    ])
    const page = foundIn(await of(opened).list('s3://genomes/', undefined, signal()))
    expect([page.objects.map(({ url }) => url), page.left]).toEqual([['s3://genomes/a', 's3://genomes/z'], 5])
  })

  it('end what is under way with the broker', async () => {
    const s3 = await server()
    await s3.bucket('genomes').put('large', { zeros: 2 ** 26 })
    s3.faults.add({ kind: 'hold' }, { operation: 'HeadObject' })
    const opened = await open([declare('a', { endpoint: s3.origin, ...prefixes('s3://genomes/') })])
    const { bytes } = foundIn(await of(opened).read('s3://genomes/large', undefined, undefined, signal()))
    const held = of(opened).head('s3://genomes/large', signal())
    await opened.end()
    expect(await held).toMatchObject({ outcome: 'failed' })
    await expect(readAll({ bytes })).rejects.toMatchObject({ code: 'aborted' })
  })
})

describe('what a store learns', () => {
  it('counts for the health of its location, and not where the asker gave up', async () => {
    const s3 = await server()
    const opened = await open([declare('a', { endpoint: s3.origin, ...prefixes('s3://genomes/') })])
    const id = 'a' as LocationId
    expect(opened.health.condition(id)).toEqual({ state: 'unknown' })
    await of(opened).head('s3://genomes/none', signal())
    expect(opened.health.condition(id)).toEqual({ state: 'up' })
    s3.faults.add({ kind: 'hold' })
    for (let round = 0; round < 4; round++) await of(opened).head('s3://genomes/none', signal(50))
    expect(opened.health.condition(id)).toEqual({ state: 'up' })
    s3.faults.clear()
    s3.faults.add({ kind: 'refuse', status: 500, code: 'InternalError' })
    for (let round = 0; round < 3; round++) await of(opened).head('s3://genomes/none', signal())
    expect([opened.health.condition(id), opened.health.may(id)]).toEqual([{ state: 'down', trouble: 'it fails' }, false])
  })

  it('T09 tells nobody an address', async () => {
    const s3 = await server()
    await s3.bucket('genomes').put('dir/x', 'x')
    const opened = await open([declare('a', { endpoint: s3.origin, ...prefixes('s3://genomes/') })])
    const links = createLinks({ stores: opened.stores, observer: opened.observer })
    await of(opened).head('s3://genomes/dir/x', signal())
    await links.forPerson('a' as LocationId, 's3://genomes/dir/x')
    const wish = { path: '/in/x', url: 's3://genomes/dir/', location: 'a' as LocationId, directory: true, lifeMs: 60_000 }
    await links.stage([wish], MOST_BYTES, signal())
    expect(opened.told.map(([what]) => what)).toEqual(['asked', 'linked', 'asked', 'linked'])
    expect(inspect(opened.told, { depth: 9 })).not.toMatch(new RegExp(`genomes|http|Signature|${MARKER}`))
  })
})

describe('T15 the server of a location', () => {
  it('is not asked at a private address that nobody has declared', async () => {
    const s3 = await server()
    const opened = await open([declare('a', { endpoint: s3.origin, ...prefixes('s3://genomes/') })], [])
    for (const answer of [
      await of(opened).head('s3://genomes/x', signal()),
      await of(opened).read('s3://genomes/x', undefined, undefined, signal()),
    ])
      expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'unreachable' } })
    expect(s3.requests).toEqual([])
  })

  it('leads nobody elsewhere, neither short requests nor streams', async () => {
    let reached = 0
    const inside = createServer((_request, response) => response.end(String(reached++)))
    inside.listen(0, '127.0.0.1')
    await once(inside, 'listening')
    cleanUp.push(() => inside.close())
    const to = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/genomes/x`
    const s3 = await server()
    s3.faults.add({ kind: 'redirect', to })
    const opened = await open([declare('a', { endpoint: s3.origin, ...prefixes('s3://genomes/') })])
    for (const answer of [
      await of(opened).head('s3://genomes/x', signal()),
      await of(opened).read('s3://genomes/x', undefined, undefined, signal()),
    ])
      expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'unreadable' } })
    expect(reached).toBe(0)
  })

  it('gets no signature at a host name of a bucket that is not declared', async () => {
    const s3 = await server(['genomes', 'others'], 'virtual')
    const location = declare('a', { endpoint: s3.origin, addressing: 'virtual', ...prefixes('s3://genomes/', 's3://others/') })
    await s3.bucket('genomes').put('x', 'x')
    const opened = await open([location], [s3.at('genomes')])
    expect(foundIn(await of(opened).head('s3://genomes/x', signal())).bytes).toBe(1)
    expect(await of(opened).head('s3://others/x', signal())).toMatchObject({ failure: { kind: 'unreachable' } })
    expect(declaredOriginsOf(location)).toEqual([s3.origin, s3.at('genomes'), s3.at('others')])
  })

  it('that never speaks costs its time and no more', async () => {
    const mute = createTcpServer(socket => cleanUp.push(() => socket.destroy()))
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    cleanUp.push(() => mute.close())
    const endpoint = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`
    const opened = await open([declare('a', { endpoint, ...prefixes('s3://genomes/') })])
    expect(await of(opened).head('s3://genomes/x', signal(200))).toMatchObject({ failure: { kind: 'timeout' } })
  })
})

/** As a site may take them. */
const MOST_BYTES = 4_000_000

describe('links', () => {
  const id = 'a' as LocationId
  const wish = { path: '/in/x', url: 's3://genomes/dir/x', location: id, directory: false, lifeMs: 3_600_000 }

  async function make(more: { readonly drs?: DrsAccess } = {}) {
    const s3 = await server()
    const opened = await open([declare('a', { endpoint: s3.origin, ...prefixes('s3://genomes/') })])
    return { s3, links: createLinks({ stores: opened.stores, observer: opened.observer, ...more }) }
  }

  it('open one object for whoever has them, and are made without asking', async () => {
    const { s3, links } = await make()
    await s3.bucket('genomes').put('dir/x', 'content')
    const [answer] = await links.stage([wish], MOST_BYTES, signal())
    expect(s3.requests).toEqual([])
    if (answer?.outcome !== 'staged') return expect.fail(inspect(answer))
    const [file] = answer.input.files
    expect([answer.input.path, file?.path]).toEqual(['/in/x', '/in/x'])
    expect(await (await fetch(file?.url ?? '')).text()).toBe('content')
  })

  it('open each file of a directory', async () => {
    const { s3, links } = await make()
    for (const key of ['dir/a b', 'dir/deep/c', 'other']) await s3.bucket('genomes').put(key, key)
    const [answer] = await links.stage([{ ...wish, path: '/in/d', url: 's3://genomes/dir', directory: true }], MOST_BYTES, signal())
    if (answer?.outcome !== 'staged') return expect.fail(inspect(answer))
    expect(answer.input.files.map(({ path }) => path)).toEqual(['/in/d/a b', '/in/d/deep/c'])
    for (const { url } of answer.input.files) expect((await fetch(url)).status).toBe(200)
  })

  it.each([
    ['of which nothing is there', 0, 'nothing is there'],
    ['that holds too many files', 1001, 'it holds more than 1000 files, too many to make a link for each'],
  ])('are not made for a directory %s', async (_what, count, detail) => {
    const { s3, links } = await make()
    await Promise.all(Array.from({ length: count }, (_, at) => s3.bucket('genomes').put(`dir/${at}`, 'x')))
    const [answer] = await links.stage([{ ...wish, url: 's3://genomes/dir/', directory: true }], MOST_BYTES, signal())
    expect(answer).toEqual({ outcome: 'failed', path: '/in/x', failure: { kind: 'unsupported', detail } })
  })

  it.each(['dir/../../etc/passwd', 'dir/..', 'dir/./x', 'dir/a//b'])(
    'are not made for a directory that holds %j: it would lie elsewhere in the container, or be left out',
    async key => {
      const { s3, links } = await make()
      for (const one of ['dir/x', key]) await s3.bucket('genomes').put(one, 'x')
      const [answer] = await links.stage([{ ...wish, url: 's3://genomes/dir/', directory: true }], MOST_BYTES, signal())
      const detail = 'it holds objects for which other rules hold, or whose names are no paths'
      expect(answer).toEqual({ outcome: 'failed', path: '/in/x', failure: { kind: 'unsupported', detail } })
    },
  )

  it.each([
    ['at a location that has none', { location: 'b' as LocationId }],
    ['of what its location does not declare', { url: 's3://others/x' }],
  ])('are not made %s', async (_what, more) => {
    const { links } = await make()
    expect(await links.stage([{ ...wish, ...more }], MOST_BYTES, signal())).toMatchObject([
      { outcome: 'failed', failure: { kind: 'unsupported' } },
    ])
  })

  it('come in the order of the wishes, each for itself', async () => {
    const { s3, links } = await make()
    s3.faults.add({ kind: 'refuse', status: 503, code: 'SlowDown' })
    const wishes = [wish, { ...wish, path: '/in/d', directory: true }, { ...wish, path: '/in/y' }]
    expect((await links.stage(wishes, MOST_BYTES, signal())).map(({ outcome }) => outcome)).toEqual(['staged', 'failed', 'staged'])
  })

  it('of DRS objects are those that their server gives', async () => {
    const drs: DrsAccess = {
      resolve: async ({ url }) => (url.endsWith('x') ? { url: 'https://signed.example/x' } : { failure: { kind: 'auth', detail: 'no' } }),
    }
    const { links } = await make({ drs })
    const answers = await links.stage(
      [
        { ...wish, url: 'drs://drs.example/x' },
        { ...wish, url: 'drs://drs.example/y' },
      ],
      MOST_BYTES,
      signal(),
    )
    expect(answers).toEqual([
      { outcome: 'staged', input: { path: '/in/x', files: [{ path: '/in/x', url: 'https://signed.example/x' }] }, foreign: true },
      { outcome: 'failed', path: '/in/x', failure: { kind: 'auth', detail: 'no' } },
    ])
  })

  it('of persons live a quarter of an hour', async () => {
    const { links } = await make()
    const link = await links.forPerson(id, 's3://genomes/x')
    expect((link?.expiresAt ?? 0) - Date.now()).toBeGreaterThan(14 * 60_000)
    expect((link?.expiresAt ?? 0) - Date.now()).toBeLessThanOrEqual(15 * 60_000)
    expect(await links.forPerson('b' as LocationId, 's3://genomes/x')).toBeUndefined()
  })
})
