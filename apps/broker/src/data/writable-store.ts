/**
 * Where uploads go: the store of a location, as far as something can be put there, and what is said where nothing can be.
 */
import type { LocationId } from '@portolan/federation'
import type { UploadRow } from '../stores/upload-store.ts'
import type { MultipartUpload, ObjectStore, ObjectUploads, StoreFailure } from './object-store.ts'
import type { UploadAnswer } from './uploads.ts'

export interface WritableStore {
  readonly store: ObjectStore
  readonly uploads: ObjectUploads
}

/** Undefined: nothing can be put there. */
export function writableAt(store: ObjectStore | undefined): WritableStore | undefined {
  return store?.uploads && { store, uploads: store.uploads }
}

/** An upload as its store names it. */
export function atStore({ url, storeId }: UploadRow): MultipartUpload {
  return { url, id: storeId }
}

export const CANNOT: StoreFailure = { kind: 'unsupported', detail: 'nothing can be put there by this broker' }

export function failed(location: LocationId | undefined, failure: StoreFailure): UploadAnswer<never> {
  return { outcome: 'failed', location, failure }
}
