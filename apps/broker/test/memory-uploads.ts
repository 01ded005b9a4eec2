/**
 * Stores for tests that ask only who may put something there: every URL is at one location, where nothing is yet, and every upload has all its bytes
 * in one part.
 */
import type { LocationId } from '@portolan/federation'
import type { ObjectStore, ObjectStores, StoreAnswer } from '../src/data/object-store.ts'

/** `bytes`: of every upload. */
export function createMemoryUploads(bytes: number): ObjectStores {
  const location = 'memory' as LocationId
  const unsupported = async (): Promise<StoreAnswer<never>> => ({
    outcome: 'failed',
    failure: { kind: 'unsupported', detail: 'nobody asks for this' },
  })
  const part = { number: 1, bytes, etag: '"e"' }
  const store: ObjectStore = {
    location,
    head: async () => ({ outcome: 'missing' }),
    list: unsupported,
    inTurn: () => store,
    read: unsupported,
    uploads: {
      mostParts: 1,
      begin: async url => ({ outcome: 'found', value: { url, id: 'upload' } }),
      parts: async () => ({ outcome: 'found', value: [part] }),
      async write(_upload, _part, body) {
        await new Response(body).arrayBuffer()
        return { outcome: 'found', value: part }
      },
      complete: async ({ url }) => ({ outcome: 'found', value: { url, bytes, digests: [] } }),
      abort: async () => ({ outcome: 'found', value: undefined }),
    },
  }
  return { byLocation: new Map([[location, store]]), at: () => store }
}
