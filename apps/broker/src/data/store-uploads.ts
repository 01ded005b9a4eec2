/**
 * Uploads at the stores of locations.
 */
import type { LocationId } from '@portolan/federation'
import type { PersonRef } from '../stores/login-rows.ts'
import type { UploadId, UploadRow, UploadStore } from '../stores/upload-store.ts'
import { createBegin } from './begin-upload.ts'
import { createEnds } from './end-upload.ts'
import type { ObjectStores } from './object-store.ts'
import type { DataObserver } from './observer.ts'
import { sizeOfPart } from './plan-parts.ts'
import type { Uploads } from './uploads.ts'
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

export function createUploads({ store, stores, isReachable, folderName, observer, now }: UploadParts): Uploads {
  const placeOf = ({ location }: UploadRow): WritableStore | undefined => writableAt(stores.byLocation.get(location))
  const ends = createEnds({ store, placeOf, now })
  return {
    folderOf: (person, below) => `${below}${folderName(person)}/`,
    begin: createBegin({ store, stores, now }, ends.end),
    find: (principal, id) => (ID.test(id) ? store.getUpload(principal, id as UploadId) : undefined),
    list: (principal, page) => store.listUploads(principal, page, now()),
    deliveryOf(upload) {
      // Not every server knows a signed length of 0, and a link without one would take anything.
      const isByLinks = upload.bytes > 0 && placeOf(upload)?.uploads.linkTo !== undefined && isReachable(upload.location)
      return isByLinks ? 'direct' : 'relay'
    },
    async parts(upload, signal) {
      const place = placeOf(upload)
      if (place === undefined) return failed(upload.location, CANNOT)
      const answer = await place.uploads.parts(atStore(upload), signal)
      if (answer.outcome === 'found') return { outcome: 'done', value: answer.value }
      return answer.outcome === 'failed' ? failed(upload.location, answer.failure) : { outcome: 'gone' }
    },
    async link(upload, part) {
      const bytes = sizeOfPart(upload, part)
      if (bytes === undefined) return undefined
      const made = await placeOf(upload)?.uploads.linkTo?.(atStore(upload), part, bytes, Math.min(LINK_LIFE_MS, upload.expiresAt - now()))
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
    ...ends,
  }
}

const ID = /^[0-9a-f-]{36}$/
