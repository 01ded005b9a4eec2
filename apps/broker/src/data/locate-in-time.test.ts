/**
 * How many requests locating costs, and how long a placement waits for it: S3, HTTP and DRS servers of declared locations, each of which thinks for 50 ms.
 */
import { describe, expect, it } from 'vitest'
import { type DrsServer, type DrsServerOptions, startDrs } from '../../../../test/drs/server.ts'
import { type S3Server, startS3 } from '../../../../test/s3/stand-in.ts'
import { BROKER_KEY, declareLocation, declareS3, openLocator } from '../../test/locator-parts.ts'
import { startSlowHttp } from '../../test/slow-http.ts'
import type { ConfiguredLocation } from '../config.ts'

/** As a placement has it, ms. */
const BUDGET_MS = 200
const LATENCY_MS = 50

const startStore = (bucket: string, latencyMs = LATENCY_MS): Promise<S3Server> =>
  startS3({ buckets: [bucket], keys: [BROKER_KEY], latencyMs })
const startObjects = (ids: readonly string[], more: Partial<DrsServerOptions> = {}): Promise<DrsServer> =>
  startDrs({ objects: Object.fromEntries(ids.map((id, at) => [id, { size: at }])), latencyMs: LATENCY_MS, ...more })
const declareDrs = (id: string, { host, origin }: DrsServer): ConfiguredLocation =>
  declareLocation({ id, kind: 'drs', endpoint: origin, prefixes: [`drs://${host}/`] })
const files = (urls: readonly string[]) => urls.map(url => ({ url, directory: false }))
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `f${String(at).padStart(4, '0')}`)

/** Six objects in S3, two at an HTTP server and two at a DRS server. */
async function openTen() {
  const [s3, http, drs] = await Promise.all([startStore('genomes'), startSlowHttp(LATENCY_MS), startObjects(['x', 'y'])])
  const keys = [...names(5), 'other/f']
  await Promise.all(keys.map((key, at) => s3.bucket('genomes').put(key, { zeros: at })))
  const declared = [
    declareS3('s3', s3.origin, ['s3://genomes/']),
    declareLocation({ id: 'http', kind: 'http', prefixes: [`${http.origin}/`] }),
    declareDrs('drs', drs),
  ]
  const urls = {
    s3: keys.map(key => `s3://genomes/${key}`),
    http: ['a', 'b'].map(name => `${http.origin}/${name}`),
    drs: ['x', 'y'].map(id => `drs://${drs.host}/${id}`),
  }
  const { locator, health } = await openLocator(declared)
  return {
    declared,
    s3,
    http,
    drs,
    urls,
    locator,
    health,
    async [Symbol.asyncDispose]() {
      await Promise.all([s3, http, drs].map(server => server[Symbol.asyncDispose]()))
    },
  }
}

/** The inputs that are assumed. */
async function locate(ten: Awaited<ReturnType<typeof openTen>>, locator = ten.locator): Promise<readonly string[]> {
  const inputs = files(Object.values(ten.urls).flat())
  const found = await locator.locate(inputs, BUDGET_MS)
  return inputs.filter((_, at) => found[at]?.assumed).map(({ url }) => url)
}

/** Until all but S3 is known, which a busy machine may not do within one budget. */
async function settle({ locator, urls }: Awaited<ReturnType<typeof openTen>>): Promise<void> {
  const inputs = files([...urls.http, ...urls.drs])
  await expect.poll(async () => (await locator.locate(inputs, BUDGET_MS)).filter(({ assumed }) => assumed)).toEqual([])
}

describe('ten cold inputs at stores that answer in 50 ms', () => {
  it('are all known within the budget', async () => {
    await using ten = await openTen()
    // A machine that does other things just then may need another look; each is the first of its locator.
    await expect.poll(async () => locate(ten, (await openLocator(ten.declared)).locator), { interval: 1, timeout: 20_000 }).toEqual([])
    await expect.poll(() => locate(ten)).toEqual([])
    expect((await ten.locator.locate(files(ten.urls.s3), BUDGET_MS)).map(({ bytes }) => bytes)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('are assumed exactly where the store is dead, and the second placement does not wait for it', async () => {
    await using ten = await openTen()
    await settle(ten)
    ten.s3.faults.add({ kind: 'hold' })
    expect(await locate(ten)).toEqual(ten.urls.s3)
    const inputs = files([...ten.urls.s3, 's3://genomes/never-asked-before', ...ten.urls.http])
    const waits = await Promise.race([ten.locator.locate(inputs, 60_000), new Promise(resolve => setTimeout(resolve, 5_000))])
    expect(waits).toMatchObject([...Array(7).fill({ assumed: true }), { assumed: false }, { assumed: false }])
    ten.s3.faults.clear()
    await expect.poll(() => locate(ten)).toEqual([])
  })

  it('are assumed exactly where nobody listens, and after three silences nobody knocks for a while', async () => {
    await using ten = await openTen()
    await ten.s3[Symbol.asyncDispose]()
    await settle(ten)
    expect(await locate(ten)).toEqual(ten.urls.s3)
    await ten.locator.locate(files(names(9).map(name => `s3://genomes/more/${name}x/y`)), BUDGET_MS)
    expect(ten.health.condition('s3' as never)).toMatchObject({ state: 'down' })
    expect(await locate(ten)).toEqual(ten.urls.s3)
  })
})

describe('a thousand inputs', () => {
  it('over three S3 locations and two DRS servers need at most four requests to each', async () => {
    await using first = await startStore('one')
    await using second = await startStore('two')
    await using third = await startStore('three')
    const ids = names(200)
    await using new15 = await startObjects(ids)
    await using old = await startObjects(ids, { dialect: 'selection', version: '1.5.0' })
    const stores = { one: first, two: second, three: third }
    const keys = [...names(120).map(name => `a/${name}.bam`), ...names(80).map(name => `b/deep/${name}.bam`)]
    for (const [bucket, store] of Object.entries(stores)) {
      // Others lie in the same folders.
      for (const key of [...keys, 'a/0', 'a/zzz', 'b/deep/f00', 'c']) await store.bucket(bucket).put(key, { zeros: 7 })
    }
    const { locator } = await openLocator([
      ...Object.entries(stores).map(([bucket, { origin }]) => declareS3(bucket, origin, [`s3://${bucket}/a/`, `s3://${bucket}/b/`])),
      declareDrs('new', new15),
      declareDrs('old', old),
    ])
    const inputs = files([
      ...Object.keys(stores).flatMap(bucket => keys.map(key => `s3://${bucket}/${key}`)),
      ...[new15, old].flatMap(({ host }) => ids.map(id => `drs://${host}/${id}`)),
    ])
    expect(inputs).toHaveLength(1_000)
    const found = await locator.locate(inputs, 20_000)
    expect(found.filter(({ assumed, missing }) => assumed || missing === true)).toEqual([])
    await expect
      .poll(() => [first, second, third].map(({ requests }) => requests.length <= 4 && requests.length > 0))
      .toEqual([true, true, true])
    expect([new15, old].map(({ requests }) => requests.length <= 4)).toEqual([true, true])
    expect([...new15.breaches, ...old.breaches]).toEqual([])
  })

  it('at an HTTP server are asked sixteen at once; what is not known in time is assumed', async () => {
    await using http = await startSlowHttp(LATENCY_MS)
    const { locator } = await openLocator([declareLocation({ id: 'http', kind: 'http', prefixes: [`${http.origin}/`] })])
    const inputs = files(names(1_000).map(name => `${http.origin}/${name}`))
    const found = await locator.locate(inputs, BUDGET_MS)
    const known = found.filter(({ assumed }) => !assumed).length
    expect(http.mostAtOnce()).toBe(16)
    expect(known).toBeGreaterThan(0)
    expect(known).toBeLessThanOrEqual(http.requests.length)
    expect(http.requests.length).toBeLessThan(1_000)
  })
})
