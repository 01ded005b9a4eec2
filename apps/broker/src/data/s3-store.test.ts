/**
 * The S3 store against a server that checks every signature, and what becomes of each way in which that server can fail.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { type S3Server, startS3 } from '../../../../test/s3/stand-in.ts'
import type { LocationServer } from '../config.ts'
import { Secret } from '../config.ts'
import { createOutboundFetch, type OutboundOptions } from '../http/outbound-fetch.ts'
import { lookupHere } from './lookup-here.fixture.ts'
import { describeObjectStore, foundIn, type OpenedObjectStore, readAll, streamOf } from './object-store.contract.ts'
import type { ObjectStore, StoreFailure } from './object-store.ts'
import { openS3Store } from './s3-store.ts'

const KEY = { reader: 'broker', accessKey: makeSecret('access'), secretKey: makeSecret('secret') }
const SERVER: LocationServer = { region: 'eu-central-1', addressing: 'path', checksums: 'supported', cloud: undefined, delivery: 'direct' }
const BUCKET = 'genomes'
const ROOT = `s3://${BUCKET}/`
const URL = `${ROOT}a.txt`

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

interface Opened extends OpenedObjectStore {
  readonly server: S3Server
}

interface Wish {
  readonly server?: Partial<LocationServer>
  readonly secretKey?: Secret
  readonly outbound?: Partial<OutboundOptions>
}

async function open({ server: settings, secretKey = new Secret(KEY.secretKey), outbound }: Wish = {}): Promise<Opened> {
  const known = { ...SERVER, ...settings }
  const server = await startS3({ buckets: [BUCKET], keys: [KEY], region: SERVER.region, addressing: known.addressing, minPartBytes: 10 })
  const ways = createOutboundFetch({ declaredOrigins: [server.origin, server.at(BUCKET)], lookup: lookupHere, ...outbound })
  const store = openS3Store({
    location: 'site-s3' as ObjectStore['location'],
    endpoint: server.origin,
    server: known,
    credential: { kind: 's3', accessKey: new Secret(KEY.accessKey), secretKey },
    ways,
    now: Date.now,
  })
  const end = async (): Promise<void> => {
    await ways[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  }
  return {
    server,
    store,
    fetch,
    root: ROOT,
    put: async (url, bytes) => await server.bucket(BUCKET).put(url.slice(ROOT.length), bytes),
    [Symbol.asyncDispose]: end,
  }
}

describeObjectStore('the store of an S3 location', () => open(), {
  partBytes: 16,
  links: true,
  names: ['a b+c.txt', 'ä/ö.txt', "it's (1)!.txt", '100%', 'a%20b', 'x=1&y=2', '~._-', 'semi;colon', 'comma,@:$'],
})

/** By names of hosts, which nobody but the store under test can look up. */
describeObjectStore('the store of an S3 location with a host name for each bucket', () => open({ server: { addressing: 'virtual' } }), {
  partBytes: 16,
  links: false,
  names: ['a b+c.txt', 'ä/ö.txt'],
})

describe('an S3 server that', () => {
  const within = (ms: number): AbortSignal => AbortSignal.timeout(ms)

  async function failureOf(opened: Opened, ms = 30_000): Promise<StoreFailure> {
    const answer = await opened.store.head(URL, within(ms))
    return answer.outcome === 'failed' ? answer.failure : expect.fail(`expected a failure: ${JSON.stringify(answer)}`)
  }

  it.each([
    ['is busy', { kind: 'refuse', status: 503, code: 'SlowDown' }, 'busy'],
    ['fails', { kind: 'refuse', status: 500, code: 'InternalError' }, 'server'],
    ['does not open this to us', { kind: 'refuse', status: 403, code: 'AccessDenied' }, 'auth'],
    ['leads elsewhere', { kind: 'redirect', to: 'http://127.0.0.1:9/genomes/a.txt' }, 'unreadable'],
    ['knows no such request', { kind: 'refuse', status: 501, code: 'NotImplemented' }, 'unsupported'],
    ['hangs up', { kind: 'cut', afterBytes: 0 }, 'unreachable'],
  ] as const)('%s is told apart', async (_what, fault, kind) => {
    await using opened = await open()
    await opened.put(URL, new Uint8Array(3))
    opened.server.faults.add(fault)
    expect((await failureOf(opened)).kind).toBe(kind)
    expect(opened.server.requests.length).toBe(1)
  })

  it('is silent costs no more time than its caller has', async () => {
    await using opened = await open()
    opened.server.faults.add({ kind: 'hold' })
    expect(await failureOf(opened, 200)).toMatchObject({ kind: 'timeout' })
  })

  it('is gone cannot be reached', async () => {
    const opened = await open()
    cleanUp.push(() => opened[Symbol.asyncDispose]())
    await opened.server[Symbol.asyncDispose]()
    expect(await failureOf(opened)).toMatchObject({ kind: 'unreachable', detail: expect.stringContaining(opened.server.origin) })
  })

  it.each([
    ['another secret', { secretKey: new Secret(makeSecret('wrong')) }, /refuses/],
    ['another region', { server: { region: 'us-east-1' } }, /refuses/],
  ])('is asked with %s refuses, and says it without the secret', async (_what, wish, says) => {
    await using opened = await open(wish)
    const failure = await failureOf(opened)
    expect(failure).toMatchObject({ kind: 'auth', detail: expect.stringMatching(says) })
    expect(failure.detail).not.toMatch(/wrong|access|secret|Signature=/)
  })

  it('has got new keys is asked again with those of the file', async () => {
    const file = { holds: makeSecret('old'), reads: 0 }
    const read = async (): Promise<string> => {
      file.reads += 1
      return file.holds
    }
    await using opened = await open({ secretKey: new Secret(file.holds, read) })
    await opened.put(URL, new Uint8Array(3))
    file.holds = KEY.secretKey
    expect(foundIn(await opened.store.head(URL, within(30_000))).bytes).toBe(3)
    expect([file.reads, opened.server.requests.map(({ status }) => status)]).toEqual([1, [403, 200]])
  })

  it('has got new keys is linked to with those of the file, though it has refused nothing', async () => {
    const file = { reads: 0 }
    const read = async (): Promise<string> => {
      file.reads += 1
      return KEY.secretKey
    }
    await using opened = await open({ secretKey: new Secret(makeSecret('old'), read) })
    await opened.put(URL, new Uint8Array(3))
    const links = await Promise.all([1, 2, 3].map(async () => opened.store.linkTo?.(URL, 60_000)))
    for (const link of links) expect((await fetch(link?.url ?? '')).status).toBe(200)
    expect(file.reads).toBe(1)
  })

  it('has got new keys is asked again also where a link was made in between', async () => {
    const asked = Promise.withResolvers<void>()
    const read = async (): Promise<string> => {
      await asked.promise
      return KEY.secretKey
    }
    await using opened = await open({ secretKey: new Secret(makeSecret('old'), read) })
    await opened.put(URL, new Uint8Array(3))
    const looking = opened.store.head(URL, within(30_000))
    await expect.poll(() => opened.server.requests.length).toBe(1)
    const link = opened.store.linkTo?.(URL, 60_000)
    asked.resolve()
    expect((await fetch((await link)?.url ?? '')).status).toBe(200)
    expect(foundIn(await looking).bytes).toBe(3)
  })

  it('has got new keys is sent no part again whose bytes are gone, and takes the next one', async () => {
    const old = makeSecret('old')
    await using opened = await open({ secretKey: new Secret(old, async () => KEY.secretKey) })
    const uploads = opened.store.uploads ?? expect.fail('no uploads')
    const upload = { url: URL, id: opened.server.bucket(BUCKET).begin('a.txt').id }
    const write = () => uploads.write(upload, 1, streamOf(new Uint8Array(3)), 3, within(30_000))
    expect(await write()).toMatchObject({ outcome: 'failed', failure: { detail: expect.stringContaining('have been replaced') } })
    expect(foundIn(await write())).toMatchObject({ number: 1, bytes: 3 })
    expect(opened.server.requests.map(({ status }) => status)).toEqual([403, 200])
  })

  it.each([
    [409, 'ConditionalRequestConflict', 'CompleteMultipartUpload'],
    [409, 'OperationAborted', 'CompleteMultipartUpload'],
    [400, 'InvalidPart', 'CompleteMultipartUpload'],
  ] as const)('says %d %s has something else under way, and is asked again', async (status, code, operation) => {
    await using opened = await open()
    const uploads = opened.store.uploads ?? expect.fail('no uploads')
    const upload = foundIn(await uploads.begin(URL, within(30_000)))
    const part = foundIn(await uploads.write(upload, 1, streamOf(new Uint8Array(3)), 3, within(30_000)))
    opened.server.faults.add({ kind: 'refuse', status, code }, { operation, times: 1 })
    const complete = () => uploads.complete(upload, [part], false, within(30_000))
    expect(await complete()).toMatchObject({ failure: { kind: 'unsupported', detail: expect.stringContaining('under way') } })
    expect(foundIn(await complete()).bytes).toBe(3)
  })

  it('still takes parts of an upload that it has ended is told to end it again', async () => {
    await using opened = await open()
    const uploads = opened.store.uploads ?? expect.fail('no uploads')
    const begin = async () => {
      const upload = foundIn(await uploads.begin(URL, within(30_000)))
      foundIn(await uploads.write(upload, 1, streamOf(new Uint8Array(3)), 3, within(30_000)))
      return upload
    }
    const once = await begin()
    // It says that it has ended it, and a part comes in after that.
    const giveUp = vi.spyOn(opened.server.bucket(BUCKET), 'giveUp')
    giveUp.mockResolvedValueOnce()
    expect(await uploads.abort(once, within(30_000))).toEqual({ outcome: 'found', value: undefined })
    expect(opened.server.bucket(BUCKET).uploads.size).toBe(0)
    const always = await begin()
    giveUp.mockResolvedValue()
    expect(await uploads.abort(always, within(30_000))).toMatchObject({ failure: { detail: expect.stringContaining('still takes parts') } })
  })

  it('has got new keys is asked again by all whom it has refused meanwhile', async () => {
    const file = { holds: makeSecret('old'), reads: 0 }
    const read = async (): Promise<string> => {
      file.reads += 1
      return file.holds
    }
    await using opened = await open({ secretKey: new Secret(file.holds, read) })
    await opened.put(URL, new Uint8Array(3))
    file.holds = KEY.secretKey
    const answers = await Promise.all(Array.from({ length: 10 }, () => opened.store.head(URL, within(30_000))))
    expect(answers.map(answer => foundIn(answer).bytes)).toEqual(Array(10).fill(3))
    expect(file.reads).toBe(1)
  })

  it('breaks off in the middle of an object is noticed by who reads', async () => {
    await using opened = await open()
    await opened.put(URL, new Uint8Array(1000))
    opened.server.faults.add({ kind: 'cut', afterBytes: 500 }, { operation: 'GetObject' })
    const found = foundIn(await opened.store.read(URL, undefined, undefined, within(30_000)))
    await expect(readAll(found)).rejects.toMatchObject({ code: 'connection_lost' })
  })

  it('goes on sending is cut off when nobody wants it any more', async () => {
    await using opened = await open()
    await opened.server.bucket(BUCKET).put('large', { zeros: 2 ** 28 })
    const caller = new AbortController()
    const { bytes } = foundIn(await opened.store.read(`${ROOT}large`, undefined, undefined, caller.signal))
    const reader = bytes.getReader()
    await reader.read()
    caller.abort()
    await expect(readOn(reader)).rejects.toMatchObject({ code: 'aborted' })
    await expect.poll(() => opened.server.requests.at(-1)).toMatchObject({ operation: 'GetObject', aborted: true })
  })
})

async function readOn(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

describe('the store of an S3 location', () => {
  const signal = AbortSignal.timeout(60_000)

  it('T16 asks first what an end waits for, and last what may stay unknown', async () => {
    await using opened = await open()
    opened.server.faults.add({ kind: 'hold' }, { key: 'held' })
    const held = Array.from({ length: 15 }, () => opened.store.head(`${ROOT}held`, signal))
    const asked = (['usual', 'last', 'usual', 'first'] as const).map((turn, i) =>
      opened.store.inTurn(turn).head(`${ROOT}${turn}-${i}`, signal),
    )
    await Promise.all(asked)
    expect(opened.server.requests.map(({ path }) => path.split('/').at(-1)).filter(name => name !== 'held')).toEqual([
      'usual-0',
      'first-3',
      'usual-2',
      'last-1',
    ])
    opened.server.faults.clear()
    await Promise.all(held)
  })

  it('knows an object by its https address too', async () => {
    await using opened = await open()
    await opened.put(`${ROOT}dir/a b.txt`, new Uint8Array(3))
    const base = `${opened.server.origin}/${BUCKET}/`
    expect(foundIn(await opened.store.head(`${base}dir/a%20b.txt`, signal)).bytes).toBe(3)
    const listed = foundIn(await opened.store.list(base, undefined, signal))
    expect(listed.objects.map(({ url }) => url)).toEqual([`${base}dir/a%20b.txt`])
  })

  it.each([
    'https://elsewhere.example/genomes/a.txt',
    's3://genomes/',
    's3://genomes/a?versionId=1',
    's3://genomes/a#b',
    '/genomes/a',
    's3://gen:omes/a',
  ])('asks nobody about %s', async url => {
    await using opened = await open()
    expect(await opened.store.head(url, signal)).toMatchObject({ outcome: 'failed', failure: { kind: 'unsupported' } })
    expect(opened.server.requests).toEqual([])
  })

  it('leaves folders out of lists', async () => {
    await using opened = await open()
    for (const key of ['dir/', 'dir/a']) await opened.put(`${ROOT}${key}`, new Uint8Array(key.endsWith('/') ? 0 : 1))
    const page = foundIn(await opened.store.list(`${ROOT}dir/`, undefined, signal))
    expect(page.objects.map(({ url }) => url)).toEqual([`${ROOT}dir/a`])
  })

  it('reads 256 MiB and holds little of it', async () => {
    await using opened = await open()
    await opened.server.bucket(BUCKET).put('large', { zeros: 2 ** 28 })
    const { bytes, total } = foundIn(await opened.store.read(`${ROOT}large`, undefined, undefined, signal))
    const before = process.memoryUsage().rss
    let most = before
    let seen = 0
    for await (const chunk of bytes) {
      seen += chunk.length
      most = Math.max(most, process.memoryUsage().rss)
    }
    expect([seen, total]).toEqual([2 ** 28, 2 ** 28])
    // Of what is garbage some is there still; the whole would be more.
    expect((most - before) / 2 ** 20).toBeLessThan(200)
  })
})
