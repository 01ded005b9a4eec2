/**
 * Who finds out how large things are at each location: its object store, or its DRS server.
 */
import type { LocationId } from '@portolan/federation'
import type { ConfiguredLocation } from '../config.ts'
import type { DrsPlaces } from '../data/drs-replicas.ts'
import type { DrsServers } from '../data/drs-servers.ts'
import { createDrsSizes } from '../data/drs-sizes.ts'
import type { LocationHealth } from '../data/location-health.ts'
import type { ObjectStores } from '../data/object-store.ts'
import type { DataObserver } from '../data/observer.ts'
import type { SizeAsker } from '../data/sizes.ts'
import { createStoreSizes } from '../data/store-sizes.ts'

export interface AskerParts {
  readonly locations: readonly ConfiguredLocation[]
  readonly stores: ObjectStores
  readonly drs: DrsServers
  readonly places: Omit<DrsPlaces, 'own'>
  readonly health: LocationHealth
  readonly observer: DataObserver
  /** ms since 1970. */
  readonly now: () => number
}

export function openAskers({ locations, stores, drs, places, health, observer, now }: AskerParts): ReadonlyMap<LocationId, SizeAsker> {
  const askers = new Map<LocationId, SizeAsker>()
  for (const { location } of locations) {
    const store = stores.byLocation.get(location.id)
    const server = drs.byLocation.get(location.id)
    if (store) askers.set(location.id, createStoreSizes({ store, health, lists: location.kind === 's3' ? 'keys' : 'folders' }))
    if (server) askers.set(location.id, createDrsSizes({ server, places, health, observer, now }))
  }
  return askers
}
