/**
 * What every adapter of the object store promises. An adapter's test calls this with its opener, and so does whoever has a real server at hand.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Fetch } from '@portolan/ga4gh'
import { describe, expect, it } from 'vitest'
import type { ListFrom, MultipartUpload, ObjectStore, ObjectUploads, OpenedObject, StoreAnswer } from './object-store.ts'

export interface OpenedObjectStore extends AsyncDisposable {
  readonly store: ObjectStore
  /** URL of an empty folder, with a slash at the end. */
  readonly root: string
  /** Puts an object there, past the store. `url` as the store names it. */
  put(url: string, bytes: Uint8Array): Promise<unknown>
  /** Sends as a stranger who holds nothing but a link. */
  readonly fetch: Fetch
}

export interface ObjectStoreTraits {
  /** In bytes; more is sent in several parts. Absent: uploads go whole. */
  readonly partBytes?: number | undefined
  readonly links: boolean
  /** Names of files that the server takes. */
  readonly names: readonly string[]
  /** The name of a file in a URL below the root. Default: as it is. */
  readonly encode?: ((name: string) => string) | undefined
}

/** Opens a store with an empty folder; called once a test. */
export type OpenObjectStore = () => Promise<OpenedObjectStore>

/** What was found; any other answer fails the test. */
export function foundIn<T>(answer: StoreAnswer<T>): T {
  if (answer.outcome !== 'found') return expect.fail(`expected to find it: ${JSON.stringify(answer)}`)
  return answer.value
}

export async function readAll({ bytes }: Pick<OpenedObject, 'bytes'>): Promise<string> {
  return await new Response(bytes).text()
}

export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([new Uint8Array(bytes)]).stream()
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const signal = (): AbortSignal => AbortSignal.timeout(30_000)

export function describeObjectStore(name: string, open: OpenObjectStore, traits: ObjectStoreTraits): void {
  describe(name, () => {
    describeReading(open)
    describeLists(open, traits)
    describeUploads(open, traits)
    if (traits.links) describeLinks(open, traits)
  })
}

function describeReading(open: OpenObjectStore): void {
  it('says how large an object is, which version, and since when', async () => {
    await using opened = await open()
    await opened.put(`${opened.root}a.txt`, text('hello world'))
    const facts = foundIn(await opened.store.head(`${opened.root}a.txt`, signal()))
    expect(facts).toMatchObject({ url: `${opened.root}a.txt`, bytes: 11, etag: expect.stringMatching(/^".+"$/) })
    expect(Math.abs(Date.now() - (facts.modifiedAt ?? 0))).toBeLessThan(600_000)
    for (const { checksum } of facts.digests) expect(checksum).not.toContain('"')
  })

  it('vouches for no sum that is not that of the object', async () => {
    await using opened = await open()
    await opened.put(`${opened.root}a.txt`, text('hello world'))
    const { digests } = foundIn(await opened.store.head(`${opened.root}a.txt`, signal()))
    const sums = new Map([
      ['md5', createHash('md5').update('hello world').digest('hex')],
      ['sha1', createHash('sha1').update('hello world').digest('hex')],
      ['sha-256', createHash('sha256').update('hello world').digest('hex')],
      ['crc32', '0d4a1185'],
    ])
    for (const { type, checksum } of digests) if (sums.has(type)) expect(checksum).toBe(sums.get(type))
  })

  it('says that nothing is there', async () => {
    await using opened = await open()
    expect(await opened.store.head(`${opened.root}none`, signal())).toEqual({ outcome: 'missing' })
    expect(await opened.store.read(`${opened.root}none`, undefined, undefined, signal())).toEqual({ outcome: 'missing' })
  })

  it.each([
    ['whole', undefined, 'hello world', 0],
    ['from its middle', { first: 6 }, 'world', 6],
    ['between two places', { first: 2, last: 4 }, 'llo', 2],
    ['beyond its end', { first: 9, last: 99 }, 'ld', 9],
  ])('reads an object %s', async (_what, range, says, from) => {
    await using opened = await open()
    await opened.put(`${opened.root}a.txt`, text('hello world'))
    const { etag } = foundIn(await opened.store.head(`${opened.root}a.txt`, signal()))
    const found = foundIn(await opened.store.read(`${opened.root}a.txt`, range, etag, signal()))
    expect([await readAll(found), found.from, found.length, found.total, found.etag]).toEqual([says, from, says.length, 11, etag])
  })

  it('reads an empty object', async () => {
    await using opened = await open()
    await opened.put(`${opened.root}empty`, text(''))
    const found = foundIn(await opened.store.read(`${opened.root}empty`, undefined, undefined, signal()))
    expect([await readAll(found), found.total]).toEqual(['', 0])
  })

  it('reads no other version than the one that is asked for', async () => {
    await using opened = await open()
    await opened.put(`${opened.root}a.txt`, text('one'))
    const { etag } = foundIn(await opened.store.head(`${opened.root}a.txt`, signal()))
    await opened.put(`${opened.root}a.txt`, text('other'))
    expect(await opened.store.read(`${opened.root}a.txt`, undefined, etag, signal())).toEqual({ outcome: 'changed' })
  })
}

function describeLists(open: OpenObjectStore, { names, encode = name => name }: ObjectStoreTraits): void {
  it('lists what lies in a folder and in those below it, by key', async () => {
    await using opened = await open()
    for (const name of ['b/2', 'b/1', 'a', 'c', 'b-x']) await opened.put(`${opened.root}${name}`, text(name))
    const page = foundIn(await opened.store.list(opened.root, undefined, signal()))
    expect(page.objects.map(({ url, bytes }) => [url.slice(opened.root.length), bytes])).toEqual([
      ['a', 1],
      ['b-x', 3],
      ['b/1', 3],
      ['b/2', 3],
      ['c', 1],
    ])
    expect(page.next).toBeUndefined()
  })

  it('lists nothing of a folder that has a longer name', async () => {
    await using opened = await open()
    await opened.put(`${opened.root}run/x`, text('x'))
    await opened.put(`${opened.root}run-2/y`, text('y'))
    const page = foundIn(await opened.store.list(`${opened.root}run/`, undefined, signal()))
    expect(page.objects.map(({ url }) => url)).toEqual([`${opened.root}run/x`])
  })

  it('lists page by page, each object once', async () => {
    await using opened = await open()
    const all = ['a', 'b/1', 'b/2', 'b/c/3', 'd', 'e/1', 'f']
    for (const name of all) await opened.put(`${opened.root}${name}`, text('x'))
    const seen: string[] = []
    for (let from: ListFrom | undefined, pages = 0; pages < all.length; pages++) {
      const page = foundIn(await opened.store.list(opened.root, from, signal(), 3))
      expect(page.objects.length).toBeLessThanOrEqual(3)
      seen.push(...page.objects.map(({ url }) => url.slice(opened.root.length)))
      if (page.next === undefined) break
      from = { mark: page.next }
    }
    expect(seen).toEqual(all)
  })

  it.each(['999#x', '999?x'])('goes on after a page of a thousand whose last object is called %j', async name => {
    await using opened = await open()
    const names = [...Array.from({ length: 999 }, (_, at) => `${at}`.padStart(3, '0')), encode(name), 'z']
    await Promise.all(names.map(one => opened.put(`${opened.root}${one}`, text('x'))))
    const page = foundIn(await opened.store.list(opened.root, undefined, signal()))
    const mark = page.next ?? expect.fail('the list ends with its first page')
    const second = foundIn(await opened.store.list(opened.root, { mark }, signal()))
    expect([...page.objects, ...second.objects].map(({ url }) => url.slice(opened.root.length))).toEqual(names)
    expect(second.next).toBeUndefined()
  })

  it('lists what comes after a name, whether it is there or not', async () => {
    await using opened = await open()
    for (const name of ['a', 'c', 'd']) await opened.put(`${opened.root}${name}`, text('x'))
    const page = foundIn(await opened.store.list(opened.root, { after: `${opened.root}b` }, signal()))
    expect(page.objects.map(({ url }) => url.slice(opened.root.length))).toEqual(['c', 'd'])
  })

  it.each(names)('lists and reads a file that is called %j', async name => {
    await using opened = await open()
    const url = `${opened.root}${encode(name)}`
    await opened.put(url, text('odd'))
    const [object] = foundIn(await opened.store.list(opened.root, undefined, signal())).objects
    expect(object?.url).toBe(url)
    expect(await readAll(foundIn(await opened.store.read(url, undefined, undefined, signal())))).toBe('odd')
    expect(foundIn(await opened.store.head(url, signal())).bytes).toBe(3)
  })
}

function describeUploads(open: OpenObjectStore, { partBytes }: ObjectStoreTraits): void {
  /** Sends the parts from `first` on. */
  async function send(uploads: ObjectUploads, upload: MultipartUpload, bytes: Uint8Array, first = 1): Promise<void> {
    const size = partBytes ?? bytes.length
    for (let part = first; (part - 1) * size < bytes.length; part++) {
      const piece = bytes.subarray((part - 1) * size, part * size)
      const stored = foundIn(await uploads.write(upload, part, streamOf(piece), piece.length, signal()))
      expect(stored).toMatchObject({ number: part, bytes: piece.length })
    }
  }

  function uploadsOf({ store }: OpenedObjectStore): ObjectUploads {
    return store.uploads ?? expect.fail('the store takes no uploads')
  }

  it('writes an object, and knows what has arrived of it', async () => {
    await using opened = await open()
    const uploads = uploadsOf(opened)
    const url = `${opened.root}up/new.bin`
    const bytes = randomBytes((partBytes ?? 1000) * 2 + 7)
    const upload = foundIn(await uploads.begin(url, signal()))
    expect(foundIn(await uploads.parts(upload, signal()))).toEqual([])
    await send(uploads, upload, bytes)
    const parts = foundIn(await uploads.parts(upload, signal()))
    expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes.length)
    expect(foundIn(await uploads.complete(upload, parts, false, signal()))).toMatchObject({ url, bytes: bytes.length })
    const found = foundIn(await opened.store.read(url, undefined, undefined, signal()))
    expect(Buffer.from(await new Response(found.bytes).arrayBuffer()).equals(bytes)).toBe(true)
  })

  it('writes over nothing that is there already, but where that is wanted', async () => {
    await using opened = await open()
    const uploads = uploadsOf(opened)
    const url = `${opened.root}there.txt`
    await opened.put(url, text('first'))
    const refused = foundIn(await uploads.begin(url, signal()))
    if (partBytes !== undefined) await send(uploads, refused, text('second'))
    expect(await uploads.complete(refused, foundIn(await uploads.parts(refused, signal())), false, signal())).toEqual({
      outcome: 'changed',
    })
    expect(await readAll(foundIn(await opened.store.read(url, undefined, undefined, signal())))).toBe('first')
    const wanted = foundIn(await uploads.begin(url, signal()))
    await send(uploads, wanted, text('third'))
    foundIn(await uploads.complete(wanted, foundIn(await uploads.parts(wanted, signal())), true, signal()))
    expect(await readAll(foundIn(await opened.store.read(url, undefined, undefined, signal())))).toBe('third')
  })

  it('leaves nothing of an upload that is given up before anything was sent', async () => {
    await using opened = await open()
    const uploads = uploadsOf(opened)
    const upload = foundIn(await uploads.begin(`${opened.root}never`, signal()))
    expect(await uploads.abort(upload, signal())).toEqual({ outcome: 'found', value: undefined })
    expect(await opened.store.head(`${opened.root}never`, signal())).toEqual({ outcome: 'missing' })
  })

  if (partBytes === undefined)
    it('takes the file of an upload again, also where the same bytes lay there before', async () => {
      await using opened = await open()
      const uploads = uploadsOf(opened)
      const url = `${opened.root}again`
      const upload = foundIn(await uploads.begin(url, signal()))
      await send(uploads, upload, text('first'))
      await send(uploads, upload, text('third'))
      foundIn(await uploads.complete(upload, foundIn(await uploads.parts(upload, signal())), false, signal()))
      expect(await readAll(foundIn(await opened.store.read(url, undefined, undefined, signal())))).toBe('third')
      const there = `${opened.root}there`
      await opened.put(there, text('same'))
      const replaced = foundIn(await uploads.begin(there, signal()))
      expect(foundIn(await uploads.parts(replaced, signal()))).toEqual([])
      await send(uploads, replaced, text('same'))
      const parts = foundIn(await uploads.parts(replaced, signal()))
      expect(parts).toMatchObject([{ number: 1, bytes: 4 }])
      foundIn(await uploads.complete(replaced, parts, true, signal()))
    })

  if (partBytes === undefined)
    it('has nothing to give up of an upload that has arrived', async () => {
      await using opened = await open()
      const uploads = uploadsOf(opened)
      const upload = foundIn(await uploads.begin(`${opened.root}whole`, signal()))
      await send(uploads, upload, text('x'))
      expect(await uploads.abort(upload, signal())).toEqual({ outcome: 'missing' })
      expect(foundIn(await opened.store.head(`${opened.root}whole`, signal())).bytes).toBe(1)
    })

  if (partBytes !== undefined)
    it('takes the parts of an upload in any order, and again', async () => {
      await using opened = await open()
      const uploads = uploadsOf(opened)
      const size = partBytes ?? 0
      const bytes = randomBytes(size + 3)
      const upload = foundIn(await uploads.begin(`${opened.root}parts`, signal()))
      await send(uploads, upload, bytes, 2)
      const first = (content: Uint8Array) => uploads.write(upload, 1, streamOf(content), size, signal())
      foundIn(await first(randomBytes(size)))
      foundIn(await first(bytes.subarray(0, size)))
      const parts = foundIn(await uploads.parts(upload, signal()))
      expect(parts.map(({ number, bytes: length }) => [number, length])).toEqual([
        [1, size],
        [2, 3],
      ])
      foundIn(await uploads.complete(upload, parts, false, signal()))
      const found = foundIn(await opened.store.read(`${opened.root}parts`, undefined, undefined, signal()))
      expect(Buffer.from(await new Response(found.bytes).arrayBuffer()).equals(bytes)).toBe(true)
    })

  if (partBytes !== undefined)
    it('knows nothing of an upload that was given up', async () => {
      await using opened = await open()
      const uploads = uploadsOf(opened)
      const upload = foundIn(await uploads.begin(`${opened.root}gone`, signal()))
      await send(uploads, upload, text('x'))
      foundIn(await uploads.abort(upload, signal()))
      // Some servers say of an upload that is over that it has no parts.
      expect([{ outcome: 'missing' }, { outcome: 'found', value: [] }]).toContainEqual(await uploads.parts(upload, signal()))
    })
}

function describeLinks(open: OpenObjectStore, { partBytes }: ObjectStoreTraits): void {
  it('makes a link that opens one object, whole and in part', async () => {
    await using opened = await open()
    await opened.put(`${opened.root}a b.txt`, text('hello world'))
    const before = Date.now()
    const link = (await opened.store.linkTo?.(`${opened.root}a b.txt`, 60_000)) ?? expect.fail('no links')
    expect(link.expiresAt - before).toBeGreaterThan(50_000)
    expect(link.expiresAt - before).toBeLessThanOrEqual(70_000)
    expect(await (await opened.fetch(link.url, {})).text()).toBe('hello world')
    expect(await (await opened.fetch(link.url, { headers: { range: 'bytes=6-' } })).text()).toBe('world')
  })

  if (partBytes !== undefined)
    it('makes a link that takes one part of an upload, of its size alone', async () => {
      await using opened = await open()
      const { uploads } = opened.store
      const upload = foundIn((await uploads?.begin(`${opened.root}linked`, signal())) ?? expect.fail('no uploads'))
      const link = (await uploads?.linkTo?.(upload, 1, 4, 60_000)) ?? expect.fail('no links')
      const larger = await opened.fetch(link.url, { method: 'PUT', body: 'a larger part' })
      expect([larger.status >= 400, await larger.text()]).toEqual([true, expect.any(String)])
      expect((await opened.fetch(link.url, { method: 'PUT', body: 'part' })).status).toBe(200)
      expect(foundIn((await uploads?.parts(upload, signal())) ?? expect.fail('no uploads'))).toMatchObject([{ number: 1, bytes: 4 }])
    })
}
