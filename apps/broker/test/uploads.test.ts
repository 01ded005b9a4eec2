/**
 * People's own inputs on their way into a project: parts by links and through the broker, what is lost and sent again, and what is refused.
 */
import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { LocationId, ProjectId } from '@portolan/federation'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Patience } from '../src/api/patience.ts'
import type { Authenticator } from '../src/auth/authenticate.ts'
import { LOCAL } from '../src/auth/principal.ts'
import { startFileServer } from '../src/data/file-server.fixture.ts'
import { createUploads } from '../src/data/store-uploads.ts'
import { endExpired } from '../src/data/upload-upkeep.ts'
import type { UploadId } from '../src/stores/upload-store.ts'
import { gatherPeople, type People } from './access/roles.ts'
import { call } from './call.ts'
import { startApi } from './start-api.ts'
import { declareLocation, MIB, OWNER, openStores, PART, startUploads, type UploadWorld, uploadsBelow } from './upload-world.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function world(options: Parameters<typeof startUploads>[0] = {}): Promise<UploadWorld> {
  const made = await startUploads(options)
  cleanUp.push(() => made[Symbol.asyncDispose]())
  return made
}

/** Bytes of which no two parts are alike. */
const fill = (bytes: number): Buffer => Buffer.alloc(bytes, Buffer.from(Array.from({ length: 251 }, (_, at) => at)))
const put = (url: string, bytes: Buffer): Promise<Response> => fetch(url, { method: 'PUT', body: new Uint8Array(bytes) })
/** The head of a part; the body is for the test to send. */
function startPart(at: Pick<UploadWorld, 'api'>, id: string, bytes: number): ClientRequest {
  const path = `/portolan/v1/uploads/${id}/parts/1`
  const headers = { 'content-length': bytes, 'content-type': 'application/octet-stream' }
  const sent = request({ host: '127.0.0.1', port: at.api.port, method: 'PUT', path, headers })
  sent.on('error', () => undefined)
  return sent
}
const PATIENT: Patience = { headersMs: 60_000, requestMs: 120_000, bodyMs: 60_000, idleMs: 60_000, checkMs: 60_000 }
const HELLO = Buffer.from('hello, harbour')
const json = (text: string) => JSON.parse(text)

describe('an upload', () => {
  it('goes through the broker in parts, in any order, and is there once it is completed', async () => {
    const relayed: [string, number][] = []
    const at = await world({ relayed: (direction, bytes) => void relayed.push([direction, bytes]) })
    const file = fill(2 * PART + 5)
    const { id, url, delivery } = await at.begin('reads/a.fastq', file.length)
    expect(delivery).toBe('relay')
    expect(url).toMatch(/^s3:\/\/work\/uploads\/[\w-]{12}\/reads\/a\.fastq$/)
    expect((await at.ask('PUT', `/${id}/parts/3`, file.subarray(2 * PART))).status).toBe(200)
    expect((await at.ask('PUT', `/${id}/parts/1`, file.subarray(0, PART))).status).toBe(200)
    expect(await at.bytesOf(url)).toBeUndefined()

    const early = await at.ask('POST', `/${id}/complete`)
    expect([early.status, json(early.text).type, json(early.text).msg]).toEqual([
      409,
      'urn:portolan:error:upload-incomplete',
      expect.stringContaining('must: 2.'),
    ])
    const shown = json((await at.ask('GET', `/${id}`)).text)
    expect(shown.parts.map(({ number, bytes }: { number: number; bytes: number }) => [number, bytes])).toEqual([
      [1, PART],
      [3, 5],
    ])
    expect((await at.ask('PUT', `/${id}/parts/2`, file.subarray(PART, 2 * PART))).status).toBe(200)
    const done = await at.ask('POST', `/${id}/complete`)
    expect([done.status, json(done.text)]).toEqual([200, expect.objectContaining({ url, bytes: file.length })])
    expect((await at.bytesOf(url))?.equals(file)).toBe(true)
    expect(relayed).toEqual([
      ['up', 5],
      ['up', PART],
      ['up', PART],
    ])
    expect((await at.ask('GET', `/${id}`)).status).toBe(404)
    expect(json((await at.ask('POST', `/${id}/complete`)).text)).toEqual(json(done.text))
  })

  it('goes to the store by links where people can reach it, and goes on where parts were lost', async () => {
    const at = await world({ reachable: true })
    const file = fill(PART + 7)
    const { id, url, delivery } = await at.begin('b.bin', file.length)
    expect(delivery).toBe('direct')
    const made = await at.ask('POST', `/${id}/links`, { parts: [1, 2, 2] })
    expect([made.status, made.headers['cache-control']]).toEqual([201, 'no-store'])
    const [first, second] = json(made.text).links
    expect([first.number, second.number, json(made.text).links.length]).toEqual([1, 2, 2])
    expect((await put(second.url, file.subarray(PART))).status).toBe(200)
    at.s3.faults.add({ kind: 'cut', afterBytes: 0 }, { times: 1 })
    await expect(put(first.url, file.subarray(0, PART))).rejects.toThrow()
    expect(json((await at.ask('GET', `/${id}`)).text).parts.map(({ number }: { number: number }) => number)).toContain(2)
    expect((await put(first.url, file.subarray(0, PART))).status).toBe(200)
    expect((await at.ask('POST', `/${id}/complete`)).status).toBe(200)
    expect((await at.bytesOf(url))?.equals(file)).toBe(true)
    const refused = await at.ask('PUT', `/${id}/parts/1`, file.subarray(0, PART))
    expect(refused.status).toBe(404)
  })

  it('takes no part through the broker where people can reach the store', async () => {
    const at = await world({ reachable: true })
    const { id } = await at.begin('b.bin', HELLO.length)
    expect(json((await at.ask('PUT', `/${id}/parts/1`, HELLO)).text).type).toBe('urn:portolan:error:part-elsewhere')
  })

  it('says where to send parts that pass through the broker', async () => {
    const at = await world()
    const { id } = await at.begin('b.bin', HELLO.length)
    const [link] = json((await at.ask('POST', `/${id}/links`, { parts: [1] })).text).links
    expect(link.url).toBe(`http://127.0.0.1:8080/portolan/v1/uploads/${id}/parts/1`)
  })

  it('T16 takes by a link a part of the right size alone', async () => {
    const at = await world({ reachable: true })
    const { id, url } = await at.begin('b.bin', HELLO.length)
    const [link] = json((await at.ask('POST', `/${id}/links`, { parts: [1] })).text).links
    expect((await put(link.url, Buffer.from('more than was announced'))).status).toBe(403)
    const refused = await at.ask('POST', `/${id}/complete`)
    expect(json(refused.text).type).toBe('urn:portolan:error:upload-incomplete')
    expect(await at.bytesOf(url)).toBeUndefined()
  })

  it('of an empty file has one empty part, which passes through the broker', async () => {
    const at = await world({ reachable: true })
    const { id, url } = await at.begin('empty', 0)
    expect((await at.ask('PUT', `/${id}/parts/1`, Buffer.alloc(0))).status).toBe(200)
    expect((await at.ask('POST', `/${id}/complete`)).status).toBe(200)
    expect(await at.bytesOf(url)).toEqual(Buffer.alloc(0))
  })

  it('takes the place of nothing but where it is to', async () => {
    const at = await world()
    const bring = async (name: string, more?: object): Promise<number> => {
      const { id } = await at.begin(name, HELLO.length, more)
      await at.ask('PUT', `/${id}/parts/1`, HELLO)
      return (await at.ask('POST', `/${id}/complete`)).status
    }
    const { id: late } = await at.begin('a', HELLO.length)
    await at.ask('PUT', `/${late}/parts/1`, HELLO)
    expect(await bring('a')).toBe(200)
    expect(json((await at.ask('POST', `/${late}/complete`)).text).type).toBe('urn:portolan:error:upload-exists')
    const again = await at.ask('POST', '', { name: 'a', bytes: 1 })
    expect([again.status, json(again.text).type]).toEqual([409, 'urn:portolan:error:upload-exists'])
    expect(await bring('a', { replace: true })).toBe(200)
  })

  it('that the store has completed, and the broker has not heard of, is completed when it is asked for again', async () => {
    const at = await world()
    const { id, url } = await at.begin('a', HELLO.length)
    await at.ask('PUT', `/${id}/parts/1`, HELLO)
    at.s3.faults.add({ kind: 'cut', afterBytes: 0 }, { operation: 'HeadObject', times: 1 })
    expect((await at.ask('POST', `/${id}/complete`)).status).toBe(503)
    const done = await at.ask('POST', `/${id}/complete`)
    expect([done.status, json(done.text).url]).toEqual([200, url])
  })

  it('that the store has forgotten can be given up', async () => {
    const at = await world()
    const { id } = await at.begin('a', HELLO.length)
    at.s3.bucket('work').uploads.clear()
    expect(json((await at.ask('PUT', `/${id}/parts/1`, HELLO)).text).type).toBe('urn:portolan:error:upload-unknown')
    expect((await at.ask('POST', `/${id}/complete`)).status).toBe(404)
    expect(at.api.uploads.getUpload(OWNER, id as never)?.end).toBeUndefined()
    expect((await at.ask('DELETE', `/${id}`)).status).toBe(204)
    expect(at.api.uploads.getUpload(OWNER, id as never)?.end).toBe('aborted')
  })

  it('ends at the store when it is given up', async () => {
    const at = await world()
    const { id } = await at.begin('a', HELLO.length)
    expect(at.s3.bucket('work').uploads.size).toBe(1)
    expect((await at.ask('DELETE', `/${id}`)).status).toBe(204)
    expect(at.s3.bucket('work').uploads.size).toBe(0)
    expect((await at.ask('DELETE', `/${id}`)).status).toBe(404)
  })

  it('ends at the store when its time is over, and is tried again while the store is silent', async () => {
    let time = Date.now()
    const at = await world({ now: () => time })
    const { id } = await at.begin('a', HELLO.length)
    const uploads = createUploads({
      store: at.api.uploads,
      stores: at.stores,
      isReachable: () => false,
      folderName: () => 'nobody',
      observer: { linked: () => undefined },
      now: () => time,
    })
    const round = () => endExpired({ store: at.api.uploads, uploads, now: () => time }, AbortSignal.timeout(60_000))
    expect(await round()).toEqual({ ended: 0, left: 0 })
    time += 7 * 24 * 3_600_000
    expect((await at.ask('GET', `/${id}`)).status).toBe(404)
    at.s3.faults.add({ kind: 'refuse', status: 500, code: 'InternalError' })
    expect(await round()).toEqual({ ended: 0, left: 1 })
    at.s3.faults.clear()
    expect(await round()).toEqual({ ended: 1, left: 0 })
    expect(at.s3.bucket('work').uploads.size).toBe(0)
    expect(await round()).toEqual({ ended: 0, left: 0 })
  })

  it('leaves nothing at the store that could not be noted', async () => {
    const at = await world()
    for (let i = 0; i < 100; i++) await at.begin(`n${i}`, 1)
    const refused = await at.ask('POST', '', { name: 'one more', bytes: 1 })
    expect([refused.status, json(refused.text).type]).toEqual([409, 'urn:portolan:error:too-many-uploads'])
    expect(at.s3.bucket('work').uploads.size).toBe(100)
  })

  it('waits for a store that cannot be asked', async () => {
    const at = await world()
    at.s3.faults.add({ kind: 'refuse', status: 503, code: 'SlowDown' })
    const refused = await at.ask('POST', '', { name: 'a', bytes: 1 })
    expect([refused.status, json(refused.text).type, refused.headers['retry-after']]).toEqual([
      503,
      'urn:portolan:error:location-unavailable',
      '10',
    ])
  })

  it('is refused in a project that takes none', async () => {
    await using api = await startApi()
    const refused = await call(api.port, { method: 'POST', path: '/portolan/v1/uploads', body: JSON.stringify({ name: 'a', bytes: 1 }) })
    expect([refused.status, json(refused.text).type]).toEqual([400, 'urn:portolan:error:no-uploads'])
  })

  it.each([
    ['..', 'name'],
    ['../../results/x', 'name'],
    ['a/../../b', 'name'],
    ['/etc/passwd', 'name'],
    ['a//b', 'name'],
    ['a/', 'name'],
    ['a?b', 'name'],
    ['a\u0000b', 'name'],
    ['%2e%2e/b', 'name'],
    ['a\\b', 'name'],
    ['', 'name'],
  ])('T03 has no name that leads out of one’s own folder: %j', async (name, field) => {
    const at = await world()
    const refused = await at.ask('POST', '', { name, bytes: 1 })
    expect([refused.status, at.s3.bucket('work').uploads.size]).toEqual([400, 0])
    expect(json(refused.text).problems[0].path).toBe(field)
  })

  it.each([
    [{ name: 'a' }, 'bytes'],
    [{ name: 'a', bytes: -1 }, 'bytes'],
    [{ name: 'a', bytes: 2 ** 50 }, 'bytes'],
    [{ name: 'a', bytes: 1, overwrite: true }, 'overwrite'],
    [{ name: 'a', bytes: 1, replace: 'yes' }, 'replace'],
  ])('names what is wrong with %j', async (body, field) => {
    const at = await world()
    const refused = await at.ask('POST', '', body)
    expect([refused.status, json(refused.text).problems[0].path]).toEqual([400, field])
  })
})

describe('a part', () => {
  it.each([
    ['more than it has', HELLO.length + 1, '1', 413],
    ['less than it has', HELLO.length - 1, '1', 400],
    ['a number that is none', HELLO.length, '2', 400],
    ['a number in other words', HELLO.length, '01', 400],
  ])('T16 with %s is refused before it is read', async (_, bytes, number, status) => {
    const at = await world()
    const { id } = await at.begin('a', HELLO.length)
    expect((await at.ask('PUT', `/${id}/parts/${number}`, Buffer.alloc(bytes))).status).toBe(status)
    expect(at.s3.bucket('work').uploads.values().next().value?.parts.size).toBe(0)
  })

  it('is refused without a length, and encoded', async () => {
    const at = await world()
    const { id } = await at.begin('a', HELLO.length)
    expect((await at.ask('PUT', `/${id}/parts/1`, HELLO, { 'content-encoding': 'gzip' })).status).toBe(415)
    const chunked = await fetch(`http://127.0.0.1:${at.api.port}/portolan/v1/uploads/${id}/parts/1`, {
      method: 'PUT',
      body: new Blob([new Uint8Array(HELLO)]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(chunked.status).toBe(400)
    await chunked.text()
  })

  it('T16 whose sender stands still is given up, and the place is free again', async () => {
    const at = await world({ patience: { ...PATIENT, bodyMs: 100 } })
    const { id } = await at.begin('a', PART)
    for (let times = 0; times < 4; times++) {
      const sent = startPart(at, id, PART)
      sent.write(Buffer.alloc(100_000))
      const answer = await once(sent, 'response', { signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
      sent.destroy()
      expect(answer?.[0].statusCode).toBe(408)
    }
    // Nor does it say anything of the server of the location.
    expect([...at.stores.byLocation.keys()].map(location => at.health.condition(location).state)).not.toContain('down')
    expect((await at.ask('PUT', `/${id}/parts/1`, fill(PART))).status).toBe(200)
  })

  it('T16 of which next to nothing comes is given up, though it never stands still', async () => {
    const at = await world({ patience: { ...PATIENT, bodyMs: 150 } })
    const { id } = await at.begin('a', PART)
    const sent = startPart(at, id, PART)
    const dribble = setInterval(() => sent.write('a'), 20)
    cleanUp.push(() => clearInterval(dribble))
    const answer = await once(sent, 'response', { signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
    expect(answer?.[0].statusCode).toBe(408)
    sent.destroy()
  })

  it('that comes by a slow line may take longer than other requests, whatever it has waited for a place', async () => {
    const at = await world({ patience: { ...PATIENT, requestMs: 200 } })
    const { id } = await at.begin('a', 60_000)
    const { id: other } = await at.begin('b', PART)
    at.s3.faults.add({ kind: 'hold' }, { operation: 'UploadPart' })
    const held = Array.from({ length: 8 }, () => startPart(at, other, PART))
    for (const one of held) one.write('a')
    // Each of them holds a place as long as its store stands still.
    await vi.waitFor(() => expect(at.s3.mostAtOnce).toBe(8), { timeout: 10_000 })
    const sent = startPart(at, id, 60_000)
    const answered = once(sent, 'response', { signal: AbortSignal.timeout(10_000) })
    sent.write(Buffer.alloc(10_000))
    await pause(400)
    at.s3.faults.clear()
    for (const one of held) one.destroy()
    for (let i = 0; i < 5; i++) {
      await pause(80)
      sent.write(Buffer.alloc(10_000))
    }
    expect((await answered)[0].statusCode).toBe(200)
  })

  it('T02 of somebody whose credential has ended does not go on', async () => {
    let isRevoked = false
    const authenticator: Authenticator = {
      authenticate: async () => (isRevoked ? { outcome: 'refused', reason: 'missing', says: 'nobody' } : LOCAL),
    }
    const relayed: number[] = []
    const at = await world({ authenticator, streams: { judgeMs: 50 }, relayed: (_, bytes) => void relayed.push(bytes) })
    const { id } = await at.begin('a', PART)
    at.s3.mostAtOnce = 0
    const sent = startPart(at, id, PART)
    sent.write(Buffer.alloc(MIB))
    await vi.waitFor(() => expect(at.s3.mostAtOnce).toBeGreaterThan(0), { timeout: 10_000 })
    isRevoked = true
    await vi.waitFor(() => expect(relayed).toHaveLength(1), { timeout: 10_000 })
    expect(sent.destroyed || (await once(sent, 'close')) !== undefined).toBe(true)
  })

  it('T16 is taken no further than it is on its way while the store stands still', async () => {
    const at = await world()
    const bytes = 5 * 2 ** 40
    const { id, part_bytes: size } = await at.begin('a', bytes)
    expect(size).toBe(525 * MIB)
    at.s3.faults.add({ kind: 'hold' }, { operation: 'UploadPart' })
    const sent = startPart(at, id, size)
    const piece = Buffer.alloc(MIB)
    let taken = 0
    const feed = (): void => {
      while (taken < size) {
        taken += piece.length
        if (!sent.write(piece)) return
      }
    }
    sent.on('drain', feed)
    feed()
    let before = -1
    // What lies in sockets on the way fills up, and then nothing more is taken.
    await vi.waitFor(
      () => {
        const still = taken === before
        before = taken
        expect(still).toBe(true)
      },
      { interval: 500, timeout: 20_000 },
    )
    expect(taken).toBeLessThan(64 * MIB)
    sent.destroy()
  })

  it('T16 whose sender hangs up ends what is sent to the store, and frees its place', async () => {
    const relayed: number[] = []
    const at = await world({ relayed: (_, bytes) => void relayed.push(bytes) })
    const { id } = await at.begin('a', PART)
    for (let i = 0; i < 9; i++) {
      const sent = startPart(at, id, PART)
      at.s3.mostAtOnce = 0
      sent.write(Buffer.alloc(MIB))
      await vi.waitFor(() => expect(at.s3.mostAtOnce).toBeGreaterThan(0), { timeout: 10_000 })
      sent.destroy()
      await vi.waitFor(() => expect(relayed).toHaveLength(i + 1), { timeout: 10_000 })
    }
    expect((await at.ask('PUT', `/${id}/parts/1`, fill(PART))).status).toBe(200)
  })
})

describe('T03 an upload by somebody who has left', () => {
  let people: People
  beforeAll(async () => {
    people = await gatherPeople()
  })
  afterAll(() => people[Symbol.asyncDispose]())

  it('is seen and given up by them, and goes on no more', async () => {
    const without = people.projects.filter(({ project }) => project.id !== 'closed')
    const at = await world({ openLogin: ports => people.open(ports, without), projects: without, reachable: true })
    const owner = { issuer: people.issuer, subject: people.subjectOf('owner') }
    const [store] = at.stores.byLocation.values()
    const url = 's3://work/uploads/closed/a'
    const begun = await store?.uploads?.begin(url, AbortSignal.timeout(10_000))
    const storeId = begun?.outcome === 'found' ? begun.value.id : expect.fail('not begun')
    const id = '00000000-0000-4000-8000-000000000000' as UploadId
    await at.api.uploads.execute({
      kind: 'createUpload',
      principal: { ...owner, roles: [], scopes: ['write'] },
      upload: {
        id,
        project: 'closed' as ProjectId,
        location: 'store' as LocationId,
        name: 'a',
        url,
        storeId,
        bytes: 1,
        partBytes: 1,
        replace: false,
        expiresAt: Date.now() + 60_000,
      },
      most: 9,
      now: Date.now(),
    })
    const headers = people.headers('owner')
    const statusOf = async (method: string, path: string, body?: object | Buffer) =>
      (await at.ask(method, `/${id}${path}`, body, headers)).status
    expect(await statusOf('GET', '')).toBe(200)
    expect(await statusOf('POST', '/links', { parts: [1] })).toBe(404)
    expect(await statusOf('PUT', '/parts/1', Buffer.alloc(1))).toBe(404)
    expect(await statusOf('POST', '/complete')).toBe(404)
    expect(await statusOf('DELETE', '')).toBe(204)
  })
})

describe('T09 links for parts', () => {
  it('are in the answer to who asked, and nowhere else', async () => {
    const at = await world({ reachable: true })
    const { id } = await at.begin('a', HELLO.length)
    const [link] = json((await at.ask('POST', `/${id}/links`, { parts: [1] })).text).links
    const signature = new URL(link.url).searchParams.get('X-Amz-Signature') ?? ''
    expect(signature).toHaveLength(64)
    const shown = (await at.ask('GET', `/${id}`)).text
    at.api.api.server.closeIdleConnections()
    const kept = inspect([at.api.accessLines, at.api.errors, at.api.warnings, at.api.uploads.getUpload(OWNER, id as never)], { depth: 9 })
    expect([shown, kept].filter(text => text.includes(signature) || text.includes('X-Amz-'))).toEqual([])
  })
})

describe('an upload to an HTTP data server', () => {
  it('is one part, the whole file', async () => {
    await using server = await startFileServer()
    await using opened = await openStores([declareLocation({ kind: 'http', prefixes: [{ url: `${server.origin}/up/` }] })])
    await using api = await startApi({ uploadStores: opened.stores, projects: uploadsBelow(`${server.origin}/up/`) })
    const ask = (method: string, path: string, body?: string | Buffer) =>
      call(api.port, { method, path: `/portolan/v1/uploads${path}`, ...(body !== undefined && { body }) })
    const file = fill(PART + 3)
    const begun = await ask('POST', '', JSON.stringify({ name: 'a b.bin', bytes: file.length }))
    const { id, url, part_bytes } = json(begun.text)
    expect([begun.status, part_bytes, url]).toEqual([201, file.length, expect.stringMatching(/\/up\/[\w-]{12}\/a%20b\.bin$/)])
    expect((await ask('POST', `/${id}/complete`)).status).toBe(409)
    expect((await ask('PUT', `/${id}/parts/1`, file)).status).toBe(200)
    expect((await ask('POST', `/${id}/complete`)).status).toBe(200)
    expect([...server.files.values()].map(bytes => Buffer.from(bytes).equals(file))).toEqual([true])
    expect(json((await ask('POST', '', JSON.stringify({ name: 'a b.bin', bytes: 1 }))).text).type).toBe('urn:portolan:error:upload-exists')
  })

  it('may take as long as a slow line needs', async () => {
    await using server = await startFileServer()
    await using opened = await openStores([declareLocation({ kind: 'http', prefixes: [{ url: `${server.origin}/up/` }] })])
    const patience = { ...PATIENT, requestMs: 150 }
    await using api = await startApi({ uploadStores: opened.stores, projects: uploadsBelow(`${server.origin}/up/`), patience })
    const begun = await call(api.port, {
      method: 'POST',
      path: '/portolan/v1/uploads',
      body: JSON.stringify({ name: 'a', bytes: HELLO.length }),
    })
    const sent = startPart({ api }, json(begun.text).id, HELLO.length)
    const answered = once(sent, 'response', { signal: AbortSignal.timeout(10_000) })
    for (const byte of HELLO) {
      await pause(40)
      sent.write(Buffer.of(byte))
    }
    expect((await answered)[0].statusCode).toBe(200)
    expect([...server.files.values()].map(String)).toEqual([String(HELLO)])
  })
})
