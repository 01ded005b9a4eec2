/**
 * Data as the composition root opens it: what is found out about the bytes at declared locations, how they are read, and who may ask there.
 */
import type { LocationId, Project } from '@portolan/federation'
import type { Registry } from 'prom-client'
import type { LocationDetail } from '../api/portolan-views.ts'
import type { ConfiguredLocation } from '../config.ts'
import { createDeclaredLocator } from '../data/declared-locator.ts'
import { createDrsAccess } from '../data/drs-access.ts'
import { compileGrounds } from '../data/drs-replicas.ts'
import { createDrsServers } from '../data/drs-servers.ts'
import { createLocationHealth } from '../data/kept-health.ts'
import type { Links } from '../data/links.ts'
import type { LocationCondition, LocationHealth } from '../data/location-health.ts'
import type { Locator } from '../data/locator.ts'
import type { ObjectStores } from '../data/object-store.ts'
import type { DataObserver } from '../data/observer.ts'
import type { OutputMeasurer } from '../data/output-measurer.ts'
import { createLinks } from '../data/store-links.ts'
import { createStoreMeasurer } from '../data/store-measurer.ts'
import { createObjectStores } from '../data/stores.ts'
import { createWhereabouts } from '../data/whereabouts.ts'
import type { AccessPorts } from '../http/access.ts'
import { createDataMetrics } from '../observe/data-metrics.ts'
import { openAskers } from './open-askers.ts'

export interface OpenedData extends AsyncDisposable {
  readonly locator: Locator
  readonly health: LocationHealth
  readonly stores: ObjectStores
  readonly links: Links
  readonly measurer: OutputMeasurer
  readonly observer: DataObserver
  /** The server of a location, as people see it, and how it answers. */
  readonly detailOf: (id: LocationId) => LocationDetail
}

/** `projects`: whose places are whose. */
export async function openData(
  locations: readonly ConfiguredLocation[],
  projects: readonly Pick<Project, 'id' | 'owns'>[],
  access: AccessPorts,
  registry: Registry,
): Promise<OpenedData> {
  const health = createLocationHealth(access.now)
  const ids = locations.map(({ location }) => location.id)
  const observer = createDataMetrics([registry], () => ids.map(id => [id, health.condition(id)] as const))
  const details = new Map(locations.map(location => [location.location.id, showServer(location)]))
  const stores = await createObjectStores({ locations, access, health, observer })
  const drs = createDrsServers(locations, access)
  const places = { whereIs: createWhereabouts(locations, projects), groundOf: compileGrounds(locations) }
  const askers = openAskers({ locations, stores, drs, places, health, observer, now: access.now })
  const locator = createDeclaredLocator({ locations, askers, observer, now: access.now })
  return {
    locator,
    health,
    stores,
    links: createLinks({
      stores,
      observer,
      drs: createDrsAccess({ servers: drs, places, learn: (...moved) => locator.learn(...moved), observer, now: access.now }),
    }),
    measurer: createStoreMeasurer({ stores, health, observer, now: access.now }),
    observer,
    detailOf: id => ({ ...details.get(id), ...showHealth(health.condition(id)) }),
    async [Symbol.asyncDispose]() {
      await stores[Symbol.asyncDispose]()
      locator[Symbol.dispose]()
    },
  }
}

function showServer({ location, server, origin }: ConfiguredLocation): LocationDetail {
  const endpoint = server.endpoint ?? origin
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(location.kind === 's3' && { region: server.region, addressing: server.addressing }),
    delivery: server.delivery,
  }
}

function showHealth({ state, trouble }: LocationCondition): LocationDetail {
  return { health: state, ...(trouble !== undefined && { trouble }) }
}
