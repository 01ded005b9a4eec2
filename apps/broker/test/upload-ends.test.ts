/**
 * How uploads end: by whom, once, and with nothing left where nobody knows of it.
 */
import type { ProjectId } from '@portolan/federation'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createUploads } from '../src/data/store-uploads.ts'
import type { Uploads } from '../src/data/uploads.ts'
import type { UploadStore } from '../src/stores/upload-store.ts'
import { OWNER, startUploads, type UploadWorld } from './upload-world.ts'

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
