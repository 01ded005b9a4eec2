/**
 * Uploads as the composition root opens them, with what gives up those whose time is over.
 */
import type { Logger } from 'pino'
import type { ConfiguredLocation } from '../config.ts'
import type { ObjectStores } from '../data/object-store.ts'
import type { DataObserver } from '../data/observer.ts'
import { createUploads } from '../data/store-uploads.ts'
import { keepUploads } from '../data/upload-upkeep.ts'
import type { Uploads } from '../data/uploads.ts'
import type { KeyRing } from '../stores/key-ring.ts'
import type { UploadStore } from '../stores/upload-store.ts'
import { personFolder } from './keys-in-use.ts'

export interface UploadPorts {
  readonly store: UploadStore
  readonly stores: ObjectStores
  readonly locations: readonly ConfiguredLocation[]
  readonly keys: KeyRing
  readonly observer: DataObserver
  /** Whether this process gives up what has expired. */
  readonly tends: boolean
  readonly now: () => number
  readonly log: Pick<Logger, 'warn'>
}

export function openUploads({ store, stores, locations, keys, observer, tends, now, log }: UploadPorts): AsyncDisposable & {
  readonly uploads: Uploads
} {
  const reachable = new Set(locations.filter(({ server }) => server.delivery === 'direct').map(({ location }) => location.id))
  const uploads = createUploads({
    store,
    stores,
    isReachable: location => reachable.has(location),
    folderName: person => personFolder(keys, person),
    observer,
    now,
  })
  const upkeep = tends ? keepUploads({ store, uploads, now }, log) : undefined
  return {
    uploads,
    async [Symbol.asyncDispose]() {
      await upkeep?.[Symbol.asyncDispose]()
    },
  }
}
