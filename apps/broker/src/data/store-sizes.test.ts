import { describe, expect, it, onTestFinished } from 'vitest'
import { type S3Server, startS3 } from '../../../../test/s3/stand-in.ts'
import { BROKER_KEY, declareLocation, declareS3, openLocator } from '../../test/locator-parts.ts'
import { createMemoryObjects } from '../../test/memory-objects.ts'
import { startSlowHttp } from '../../test/slow-http.ts'
import type { ListedPage } from './object-store.ts'
import { createStoreSizes } from './store-sizes.ts'

const LONG_MS = 20_000

/** A bucket `b` with objects of these sizes, a locator for it, and the operations that it has seen. */
async function openBucket(objects: Readonly<Record<string, number>>, now?: () => number) {
  const server = await startS3({ buckets: ['b'], keys: [BROKER_KEY] })
  onTestFinished(() => server[Symbol.asyncDispose]())
  for (const [key, bytes] of Object.entries(objects)) await server.bucket('b').put(key, { zeros: bytes })
  const { locator } = await openLocator([declareS3('s3', server.origin, ['s3://b/'])], now)
  const locate = (urls: readonly string[], directory = false) =>
    locator.locate(
      urls.map(url => ({ url, directory })),
      LONG_MS,
    )
  const sizes = async (urls: readonly string[], directory = false) =>
    (await locate(urls, directory)).map(({ bytes, files, assumed, missing }) =>
      assumed ? 'assumed' : missing ? 'missing' : [bytes, files],
    )
  return { server, sizes, operations: () => countOperations(server) }
}

async function countOperations({ requests, mostAtOnce }: S3Server): Promise<Record<string, number>> {
  const seen = () => requests.length
  await expect.poll(seen).toBeGreaterThan(0)
  expect(mostAtOnce).toBeLessThanOrEqual(16)
  const counts: Record<string, number> = {}
  for (const { operation = 'none' } of requests) counts[operation] = (counts[operation] ?? 0) + 1
  return counts
}

const many = (count: number, name = (at: number) => `d/f${at}`) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), at]))
const urlsOf = (objects: object) => Object.keys(objects).map(key => `s3://b/${key}`)

describe('files at S3', () => {
  it('are asked for one by one while they are few', async () => {
    const { sizes, operations } = await openBucket({ 'd/a': 1, 'd/b': 2, top: 3 })
    expect(await sizes(['s3://b/d/a', 's3://b/d/b', 's3://b/d/none', 's3://b/top'])).toEqual([[1, 1], [2, 1], 'missing', [3, 1]])
    expect(await operations()).toEqual({ HeadObject: 4 })
  })

  it('of one folder are looked up in its list, and what is not there is asked for once more', async () => {
    const objects = many(6)
    const { sizes, operations } = await openBucket({ ...objects, 'd/deep/x': 9, 'd/zz': 9 })
    expect(await sizes([...urlsOf(objects), 's3://b/d/e', 's3://b/d/g'])).toEqual([
      ...Object.values(objects).map(size => [size, 1]),
      'missing',
      'missing',
    ])
    expect(await operations()).toEqual({ ListObjectsV2: 1, HeadObject: 2 })
  })

  it('are there though the server lists them in another place', async () => {
    const objects = many(6)
    const store = createMemoryObjects('b')
    for (const [url, bytes] of urlsOf(objects).map((one, at) => [one, at] as const)) store.put(url, 'x'.repeat(bytes))
    const last: ListedPage = { objects: [{ url: 's3://b/d/f5', bytes: 5, digests: [] }], next: 'd/f5' }
    const asker = createStoreSizes({
      store: { ...store, list: async () => ({ outcome: 'found', value: last }) },
      health: { may: () => true, record: () => undefined, condition: () => ({ state: 'up' }) },
      lists: 'keys',
    })
    const asked = [...urlsOf(objects), 's3://b/d/none'].map(url => ({ url, directory: false }))
    expect(await Promise.all(asker.measure(asked, AbortSignal.timeout(LONG_MS)))).toEqual([
      ...Object.values(objects).map(bytes => ({ bytes, files: 1 })),
      'missing',
    ])
  })

  it('have keys with letters that mean something in URLs', async () => {
    const keys = ['a b', 'ä', '100%25', '+', "o'k (1)", '%2', '😀', 'a%2Fb']
    const objects = Object.fromEntries(keys.map((key, at) => [`odd/${key}`, at + 1]))
    const { sizes } = await openBucket(objects)
    const read = urlsOf(objects).filter(url => !/%25|%2$|%2F/.test(url))
    expect(await sizes(read)).toEqual(read.map(url => [objects[url.slice('s3://b/'.length)], 1]))
  })

  it('may be named by the addresses of the server too', async () => {
    const objects = { 'd/a b': 1, 'd/b': 2, 'd/c': 3, 'd/d': 4, 'd/é': 5 }
    const { server, sizes, operations } = await openBucket(objects)
    expect(await sizes(['d/a%20b', 'd/b', 'd/c', 'd/d', 'd/%C3%A9', 'd/e'].map(key => `${server.origin}/b/${key}`))).toEqual([
      ...Object.values(objects).map(size => [size, 1]),
      'missing',
    ])
    expect(await operations()).toEqual({ ListObjectsV2: 1, HeadObject: 1 })
  })

  it('that two pages of the list do not show are asked for one by one', async () => {
    const between = many(60, at => `d/m${String(at).padStart(3, '0')}`)
    const { sizes, operations } = await openBucket({ 'd/a': 1, ...between, 'd/x': 2, 'd/y': 3, 'd/z': 4 })
    expect(await sizes(['s3://b/d/a', 's3://b/d/x', 's3://b/d/y', 's3://b/d/z'])).toEqual([1, 2, 3, 4].map(size => [size, 1]))
    expect(await operations()).toEqual({ ListObjectsV2: 2, HeadObject: 3 })
  })

  it('of many folders cost four lists at most, those of the fullest', async () => {
    const objects = Object.assign({}, ...[9, 8, 7, 6, 5].map(count => many(count, at => `d${count}/f${at}`)))
    const { sizes, operations } = await openBucket(objects)
    expect(await sizes(urlsOf(objects))).toEqual(Object.values(objects).map(size => [size, 1]))
    expect(await operations()).toEqual({ ListObjectsV2: 4, HeadObject: 5 })
  })

  it('are asked for one by one where the broker may not list', async () => {
    const objects = many(5)
    const { server, sizes, operations } = await openBucket(objects)
    server.faults.add({ kind: 'refuse', status: 403, code: 'AccessDenied' }, { operation: 'ListObjectsV2' })
    expect(await sizes(urlsOf(objects))).toEqual([0, 1, 2, 3, 4].map(size => [size, 1]))
    expect((await operations()).HeadObject).toBe(5)
  })

  it('are assumed where the server fails, and it is not asked for each', async () => {
    const objects = many(50)
    const { server, sizes } = await openBucket(objects)
    server.faults.add({ kind: 'refuse', status: 500, code: 'InternalError' })
    expect(new Set(await sizes(urlsOf(objects)))).toEqual(new Set(['assumed']))
    expect(server.requests.length).toBeLessThanOrEqual(4)
  })

  it('stop being asked for once the server was silent three times', async () => {
    const { server, sizes } = await openBucket({})
    server.faults.add({ kind: 'refuse', status: 503, code: 'SlowDown' })
    const urls = Array.from({ length: 200 }, (_, at) => `s3://b/d${at}/x`)
    expect(new Set(await sizes(urls))).toEqual(new Set(['assumed']))
    expect(server.requests.length).toBeLessThanOrEqual(20)
  })
})

describe('directories', () => {
  it('at S3 are the sum of what lies below, page by page; one without anything is missing', async () => {
    const { sizes, operations } = await openBucket({ ...many(1_100, at => `d/${at}/f`), 'd2/x': 5 })
    expect(await sizes(['s3://b/d', 's3://b/d2/', 's3://b/d3'], true)).toEqual([[(1_099 * 1_100) / 2, 1_100], [5, 1], 'missing'])
    expect(await operations()).toEqual({ ListObjectsV2: 4 })
  })

  it('are summed up to their end, also past names that are no paths', async () => {
    const { sizes } = await openBucket({ ...many(999, at => `d/${String(at).padStart(3, '0')}`), 'd/999?x': 1_000, 'd/z': 7 })
    expect(await sizes(['s3://b/d'], true)).toEqual([[(998 * 999) / 2 + 7, 1_000]])
  })

  it('are worth an hour, and files a day', async () => {
    let at = 0
    const { server, sizes } = await openBucket({ 'd/a': 1 }, () => at)
    const hour = 3_600_000
    for (const [time, requests] of [
      [0, 2],
      [hour - 1, 2],
      [hour, 3],
      [2 * hour, 4],
      [24 * hour, 6],
    ] as const) {
      at = time
      await sizes(['s3://b/d/a'])
      await sizes(['s3://b/d/'])
      await expect.poll(() => server.requests.length).toBe(requests)
    }
  })
})

describe('what nobody is asked', () => {
  it('are servers without a budget: what is known is told, the rest is assumed', async () => {
    await using http = await startSlowHttp(0)
    const { locator, metrics } = await openLocator([declareLocation({ id: 'http', kind: 'http', prefixes: [`${http.origin}/`] })])
    const inputs = ['known', 'other'].map(name => ({ url: `${http.origin}/${name}`, directory: false }))
    await locator.locate(inputs.slice(0, 1), LONG_MS)
    expect(await locator.locate(inputs, 0)).toMatchObject([{ bytes: 5, assumed: false }, { assumed: true }])
    expect(http.requests).toEqual(['HEAD /known'])
    expect(await metrics()).toContain('portolan_located_inputs_total{outcome="known"} 1')
  })

  it('are locations of S3 for which the broker has no keys', async () => {
    const { locator } = await openLocator([
      declareLocation({ id: 's3', kind: 's3', endpoint: 'http://127.0.0.1:9', prefixes: ['s3://b/'] }),
    ])
    expect(await locator.locate([{ url: 's3://b/x', directory: false }], LONG_MS)).toMatchObject([{ assumed: true }])
  })
})
