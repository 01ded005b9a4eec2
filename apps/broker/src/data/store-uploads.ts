/**
 * Uploads at the stores of locations.
 */
import type { LocationId } from '@portolan/federation'
import type { Principal } from '../auth/principal.ts'
import type { PersonRef } from '../stores/login-rows.ts'
import type { UploadEnd, UploadId, UploadRow, UploadStore } from '../stores/upload-store.ts'
import { createBegin } from './begin-upload.ts'
import type { ObjectFacts, ObjectStores } from './object-store.ts'
import type { DataObserver } from './observer.ts'
import { missingParts } from './plan-parts.ts'
import type { UploadAnswer, Uploads } from './uploads.ts'
import { atStore, CANNOT, failed, type WritableStore, writableAt } from './writable-store.ts'

export interface UploadParts {
  readonly store: UploadStore
  readonly stores: ObjectStores
  /** Whether people can reach the server of a location. */
  readonly isReachable: (location: LocationId) => boolean
  /** A name that says nothing of the person. */
  readonly folderName: (person: PersonRef) => string
  readonly observer: Pick<DataObserver, 'linked'>
  /** ms since 1970. */
  readonly now: () => number
}

const LINK_LIFE_MS = 3_600_000
/** As far as the clock of a store may be behind. */
const CLOCK_MS = 5 * 60_000

export function createUploads({ store, stores, isReachable, folderName, observer, now }: UploadParts): Uploads {
  const placeOf = ({ location }: UploadRow): WritableStore | undefined => writableAt(stores.byLocation.get(location))

  async function note(principal: Principal, { id }: UploadRow, end: UploadEnd): Promise<void> {
    await store.execute({ kind: 'endUpload', principal, id, end, now: now() })
  }

  /** What lies there now, if it can be what this upload has brought. */
  async function findWhole(upload: UploadRow, { store: at }: WritableStore, signal: AbortSignal): Promise<UploadAnswer<ObjectFacts>> {
    const head = await at.head(upload.url, signal)
    if (head.outcome === 'failed') return failed(at.location, head.failure)
    if (head.outcome !== 'found') return { outcome: 'gone' }
    const { bytes, modifiedAt } = head.value
    const isOurs = bytes === upload.bytes && modifiedAt !== undefined && modifiedAt >= upload.createdAt - CLOCK_MS
    return isOurs ? { outcome: 'done', value: head.value } : { outcome: 'gone' }
  }

  const begin = createBegin({ store, stores, now }, (...asked) => self.end(...asked))
  const self: Uploads = {
    folderOf: (person, below) => `${below}${folderName(person)}/`,
    begin,
    find: (principal, id) => (ID.test(id) ? store.getUpload(principal, id as UploadId) : undefined),
    list: (principal, page) => store.listUploads(principal, page, now()),
    deliveryOf: upload => (placeOf(upload)?.uploads.linkTo && isReachable(upload.location) ? 'direct' : 'relay'),
    async parts(upload, signal) {
      const place = placeOf(upload)
      if (place === undefined) return failed(upload.location, CANNOT)
      const answer = await place.uploads.parts(atStore(upload), signal)
      if (answer.outcome === 'found') return { outcome: 'done', value: answer.value }
      return answer.outcome === 'failed' ? failed(upload.location, answer.failure) : { outcome: 'gone' }
    },
    async link(upload, part) {
      const made = await placeOf(upload)?.uploads.linkTo?.(atStore(upload), part, Math.min(LINK_LIFE_MS, upload.expiresAt - now()))
      if (made) observer.linked(upload.location, 'upload')
      return made
    },
    async write(upload, part, body, bytes, signal) {
      const place = placeOf(upload)
      if (place === undefined) return failed(upload.location, CANNOT)
      const answer = await place.uploads.write(atStore(upload), part, body, bytes, signal)
      if (answer.outcome === 'found') return { outcome: 'done', value: answer.value }
      if (answer.outcome === 'changed') return { outcome: 'exists' }
      return answer.outcome === 'failed' ? failed(upload.location, answer.failure) : { outcome: 'gone' }
    },
    async complete(principal, upload, signal) {
      const place = placeOf(upload)
      if (place === undefined) return failed(upload.location, CANNOT)
      if (upload.end === 'completed') return await findWhole(upload, place, signal)
      const parts = await self.parts(upload, signal)
      if (parts.outcome === 'gone') {
        const whole = await findWhole(upload, place, signal)
        if (whole.outcome !== 'failed') await note(principal, upload, whole.outcome === 'done' ? 'completed' : 'aborted')
        return whole
      }
      if (parts.outcome !== 'done') return parts
      const missing = missingParts(upload, parts.value)
      if (missing.length > 0) return { outcome: 'incomplete', parts: missing }
      const whole = await place.uploads.complete(atStore(upload), parts.value, upload.replace, signal)
      if (whole.outcome === 'failed') return failed(upload.location, whole.failure)
      if (whole.outcome === 'changed') return { outcome: 'exists' }
      if (whole.outcome === 'missing') return { outcome: 'gone' }
      await note(principal, upload, 'completed')
      return { outcome: 'done', value: whole.value }
    },
    async end(principal, upload, how, signal) {
      // At a location that is not declared any more nobody can be asked.
      const answer = await placeOf(upload)?.uploads.abort(atStore(upload), signal)
      if (answer?.outcome === 'failed') return failed(upload.location, answer.failure)
      await note(principal, upload, how)
      return { outcome: 'done', value: undefined }
    },
  }
  return self
}

const ID = /^[0-9a-f-]{36}$/
