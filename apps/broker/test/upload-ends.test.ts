/**
 * How uploads end: by whom, once, and with nothing left where nobody knows of it.
 */
import type { LocationId, ProjectId } from '@portolan/federation'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Upload } from '../src/api/data-schemas.ts'
import { type FileServer, startFileServer } from '../src/data/file-server.fixture.ts'
import { createUploads } from '../src/data/store-uploads.ts'
import type { UploadAnswer, Uploads } from '../src/data/uploads.ts'
import type { UploadEnd, UploadId, UploadRow, UploadStore } from '../src/stores/upload-store.ts'
import { type Answer, call } from './call.ts'
import { type RunningApi, startApi } from './start-api.ts'
import { declareLocation, OWNER, openStores, startUploads, type UploadWorld, uploadsBelow } from './upload-world.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function world(options: Parameters<typeof startUploads>[0] = {}): Promise<UploadWorld> {
  const made = await startUploads(options)
  cleanUp.push(() => made[Symbol.asyncDispose]())
  return made
}

const PROJECT = 'local' as ProjectId
const WANTED = { project: PROJECT, name: 'a', url: 's3://work/uploads/nobody/a', bytes: 1, replace: false }

const patience = (): AbortSignal => AbortSignal.timeout(20_000)

/** Uploads at the stores of a world, noted in a store that a test may have changed. */
function uploadsAt(at: UploadWorld, store: Partial<UploadStore> = {}): Uploads {
  return createUploads({
    store: { ...at.api.uploads, ...store },
    stores: at.stores,
    isReachable: () => false,
    folderName: () => 'nobody',
    observer: { linked: () => undefined },
    now: Date.now,
  })
}

describe('who hangs up while an upload begins', () => {
  it('leaves nothing at the store, and nothing here', async () => {
    const at = await world()
    at.s3.faults.add({ kind: 'hold' }, { operation: 'CreateMultipartUpload' })
    const gone = new AbortController()
    const begun = uploadsAt(at).begin(OWNER, WANTED, gone.signal)
    // The look is over; the begin is held.
    await vi.waitFor(() => expect(at.s3.requests.map(({ operation }) => operation)).toEqual(['HeadObject']))
    gone.abort()
    at.s3.faults.clear()
    await begun
    expect(at.s3.bucket('work').uploads.size).toBe(0)
    expect(uploadsAt(at).list(OWNER, { size: 9 }).rows).toEqual([])
  })

  it('leaves nothing of what was noted in that moment', async () => {
    const at = await world()
    const gone = new AbortController()
    const uploads = uploadsAt(at, {
      async execute(command) {
        const result = await at.api.uploads.execute(command)
        gone.abort()
        return result
      },
    })
    await uploads.begin(OWNER, WANTED, gone.signal)
    expect(at.s3.bucket('work').uploads.size).toBe(0)
    expect(uploads.list(OWNER, { size: 9 }).rows).toEqual([])
  })
})

it('the store of a location is asked for nothing by somebody who has as many under way as one may have', async () => {
  const at = await world()
  for (let i = 0; i < 100; i++) await at.begin(`n${i}`, 1)
  const before = at.s3.requests.length
  expect((await at.ask('POST', '', { name: 'one more', bytes: 1 })).status).toBe(409)
  expect(at.s3.requests.length).toBe(before)
})

describe('an upload that is being completed', () => {
  /** One whose only part is there, and the answers of the store to its completion are held. */
  async function completing(at: UploadWorld, uploads: Uploads) {
    const row = doneIn(await uploads.begin(OWNER, WANTED, patience()))
    doneIn(await uploads.write(row, 1, new Blob(['x']).stream(), 1, patience()))
    at.s3.faults.add({ kind: 'hold' }, { operation: 'CompleteMultipartUpload' })
    const first = uploads.complete(OWNER, row, patience())
    await vi.waitFor(() => expect(at.s3.requests.at(-1)?.operation).toBe('ListParts'))
    // As stores do while they put the parts together: they know the upload no more, and the object not yet.
    at.s3.faults.add({ kind: 'refuse', status: 404, code: 'NoSuchUpload' }, { operation: 'ListParts' })
    return { row, first }
  }
  const endOf = (at: UploadWorld, { id }: UploadRow): UploadEnd | undefined => at.api.uploads.getUpload(OWNER, id)?.end

  it('is completed for everybody who asks for it meanwhile', async () => {
    const at = await world()
    const uploads = uploadsAt(at)
    const { row, first } = await completing(at, uploads)
    const second = uploads.complete(OWNER, row, patience())
    // Whatever the second has asked has been answered by then.
    for (let times = 0; times < 5; times++) await at.bytesOf(row.url)
    expect(endOf(at, row)).toBeUndefined()
    at.s3.faults.clear()
    expect(doneIn(await first)).toEqual(doneIn(await second))
    expect(endOf(at, row)).toBe('completed')
  })

  it('is given up by nobody', async () => {
    const at = await world()
    const uploads = uploadsAt(at)
    const { row, first } = await completing(at, uploads)
    const end = uploads.end(OWNER, row, 'aborted', patience())
    for (let times = 0; times < 5; times++) await at.bytesOf(row.url)
    at.s3.faults.clear()
    doneIn(await first)
    expect([doneIn(await end), endOf(at, row)]).toEqual(['completed', 'completed'])
    expect((await at.bytesOf(row.url))?.toString()).toBe('x')
  })

  it('is completed also for who hangs up', async () => {
    const at = await world()
    const uploads = uploadsAt(at)
    const row = doneIn(await uploads.begin(OWNER, WANTED, patience()))
    doneIn(await uploads.write(row, 1, new Blob(['x']).stream(), 1, patience()))
    expect(doneIn(await uploads.complete(OWNER, row, AbortSignal.abort())).bytes).toBe(1)
    expect(endOf(at, row)).toBe('completed')
  })

  it('and noted nowhere is found whole by who gives it up', async () => {
    const at = await world()
    const { id, url } = await at.begin('a', 1)
    await at.ask('PUT', `/${id}/parts/1`, Buffer.from('x'))
    const row = at.api.uploads.getUpload(OWNER, id as UploadId) ?? expect.fail('nothing was noted')
    const died = uploadsAt(at, { execute: () => Promise.reject(new Error('the process has ended')) })
    await expect(died.complete(OWNER, row, patience())).rejects.toThrow('has ended')
    const refused = await at.ask('DELETE', `/${id}`)
    expect([refused.status, JSON.parse(refused.text).msg]).toEqual([404, expect.stringContaining('all of it is there')])
    expect([endOf(at, row), (await at.bytesOf(url))?.toString()]).toEqual(['completed', 'x'])
  })
})

describe('T03 an upload to where its project has no uploads any more', () => {
  it('is seen and given up, and goes on no more', async () => {
    const at = await world({ reachable: true })
    const url = 's3://work/elsewhere/a'
    const id = '00000000-0000-4000-8000-000000000000' as UploadId
    const { id: storeId } = at.s3.bucket('work').begin('elsewhere/a')
    const rest = { storeId, bytes: 1, partBytes: 1, replace: false, expiresAt: Date.now() + 60_000 }
    const upload = { id, project: PROJECT, location: 'store' as LocationId, name: 'a', url, ...rest }
    await at.api.uploads.execute({ kind: 'createUpload', principal: OWNER, upload, most: 9, now: Date.now() })
    expect((await at.ask('GET', `/${id}`)).status).toBe(200)
    expect((await at.ask('POST', `/${id}/links`, { parts: [1] })).status).toBe(404)
    expect((await at.ask('PUT', `/${id}/parts/1`, Buffer.from('x'))).status).toBe(404)
    expect((await at.ask('POST', `/${id}/complete`)).status).toBe(404)
    expect((await at.ask('DELETE', `/${id}`)).status).toBe(204)
  })
})

describe('an upload to an HTTP data server', () => {
  interface HttpWorld extends AsyncDisposable {
    readonly api: RunningApi
    readonly server: FileServer
    ask(method: string, path: string, body?: object | Buffer): Promise<Answer>
  }

  async function httpWorld(now: () => number = Date.now): Promise<HttpWorld> {
    await using started = new AsyncDisposableStack()
    const server = started.use(await startFileServer())
    const below = `${server.origin}/up/`
    const { stores } = started.use(await openStores([declareLocation({ kind: 'http', prefixes: [{ url: below }] })]))
    const api = started.use(await startApi({ uploadStores: stores, projects: uploadsBelow(below), now }))
    const owned = started.move()
    return {
      api,
      server,
      ask: (method, path, body) =>
        call(api.port, {
          method,
          path: `/portolan/v1/uploads${path}`,
          ...(body !== undefined && { body: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
        }),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  }
  const beginAt = async (at: HttpWorld, more: object = {}): Promise<Upload> =>
    JSON.parse((await at.ask('POST', '', { name: 'a', bytes: 5, ...more })).text)
  const saidBy = (at: HttpWorld): readonly string[] => [...at.server.files.values()].map(bytes => Buffer.from(bytes).toString())

  it('whose answer was lost is sent again, and stays its own', async () => {
    await using at = await httpWorld()
    const { id } = await beginAt(at)
    expect((await at.ask('PUT', `/${id}/parts/1`, Buffer.from('first'))).status).toBe(200)
    expect((await at.ask('PUT', `/${id}/parts/1`, Buffer.from('third'))).status).toBe(200)
    expect((await at.ask('POST', `/${id}/complete`)).status).toBe(200)
    expect(saidBy(at)).toEqual(['third'])
  })

  it('of the same bytes that are there already is completed', async () => {
    await using at = await httpWorld()
    const { id, url } = await beginAt(at)
    at.server.files.set(new URL(url).pathname, Buffer.from('bytes'))
    expect((await at.ask('DELETE', `/${id}`)).status).toBe(404)
    const { id: again } = await beginAt(at, { replace: true })
    expect((await at.ask('POST', `/${again}/complete`)).status).toBe(409)
    expect((await at.ask('PUT', `/${again}/parts/1`, Buffer.from('bytes'))).status).toBe(200)
    expect((await at.ask('POST', `/${again}/complete`)).status).toBe(200)
  })

  it('that has arrived is there, and is taken back by nobody', async () => {
    await using at = await httpWorld()
    const { id } = await beginAt(at)
    expect((await at.ask('PUT', `/${id}/parts/1`, Buffer.from('bytes'))).status).toBe(200)
    const refused = await at.ask('DELETE', `/${id}`)
    expect([refused.status, JSON.parse(refused.text).msg]).toEqual([404, expect.stringContaining('stays')])
    expect([at.api.uploads.getUpload(OWNER, id as UploadId)?.end, saidBy(at)]).toEqual(['completed', ['bytes']])
  })

  it('that has not arrived is given up', async () => {
    await using at = await httpWorld()
    const { id } = await beginAt(at)
    expect((await at.ask('DELETE', `/${id}`)).status).toBe(204)
    expect([at.api.uploads.getUpload(OWNER, id as UploadId)?.end, saidBy(at)]).toEqual(['aborted', []])
  })
})

function doneIn<T>(answer: UploadAnswer<T>): T {
  return answer.outcome === 'done' ? answer.value : expect.fail(`expected it to be done: ${JSON.stringify(answer)}`)
}
