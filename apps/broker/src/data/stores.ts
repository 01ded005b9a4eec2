/**
 * The stores of all declared locations: one for each whose server can be asked, by S3 or by HTTP.
 */
import type { LocationId } from '@portolan/federation'
import type { ConfiguredLocation } from '../config.ts'
import { type AccessPorts, openAccess } from '../http/access.ts'
import { createHttpStore } from './http-store.ts'
import type { LocationHealth } from './location-health.ts'
import type { ObjectStore, ObjectStores } from './object-store.ts'
import type { DataObserver } from './observer.ts'
import { createPrefixLocator } from './prefix-locator.ts'
import { watchStore } from './watched-store.ts'

export interface ObjectStoresOptions {
  readonly locations: readonly ConfiguredLocation[]
  readonly access: AccessPorts
  readonly health: LocationHealth
  readonly observer: DataObserver
}

/** Disposed, they end what is under way. */
export async function createObjectStores(options: ObjectStoresOptions): Promise<ObjectStores & AsyncDisposable> {
  const { locations, access, health, observer } = options
  const findPlace = createPrefixLocator(locations)
  const locationOf = (url: string): LocationId | undefined => findPlace(url)?.location.location.id
  const closing = new AbortController()
  const byLocation = new Map<LocationId, ObjectStore>()
  for (const location of locations) {
    const { id } = location.location
    const store = await openStore(location, access)
    if (store === undefined) continue
    const covers = (url: string): boolean => locationOf(url) === id
    byLocation.set(id, watchStore({ store, covers, health, observer, closing: closing.signal, now: access.now }))
  }
  return {
    byLocation,
    at(url) {
      const id = locationOf(url)
      return id === undefined ? undefined : byLocation.get(id)
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('The broker is closing'))
    },
  }
}

/** Undefined for a location whose server nobody can ask. */
async function openStore(
  { location, server, origin, credential }: ConfiguredLocation,
  access: AccessPorts,
): Promise<ObjectStore | undefined> {
  const { outbound, now } = access
  if (location.kind === 's3' && credential?.kind === 's3' && server.endpoint !== undefined) {
    const { endpoint } = server
    // A large module: who declares no such location does without it.
    const { openS3Store } = await import('./s3-store.ts')
    return openS3Store({ location: location.id, endpoint, server, credential, ways: outbound, now })
  }
  if (location.kind !== 'http' || origin === undefined || credential?.kind === 's3') return undefined
  const open = credential === undefined && server.delivery !== 'none'
  return createHttpStore({ location: location.id, origin, access: openAccess(origin, credential, access), open, now })
}
