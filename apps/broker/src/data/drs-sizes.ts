/**
 * Asks a DRS server how large objects are and where they lie, many in few requests. A bundle is a directory. Access ids are not kept: they are new at
 * every look.
 */
import type { DrsLookup, ReadContents, ReadDrsObject } from '@portolan/ga4gh/drs'
import { type DrsPlaces, findReplicas, MOST_WAYS } from './drs-replicas.ts'
import type { DrsServer } from './drs-servers.ts'
import type { LocationHealth } from './location-health.ts'
import type { DataObserver } from './observer.ts'
import type { Measured } from './size-cache.ts'
import type { SizeAsked, SizeAsker } from './sizes.ts'
import { describeStoreError } from './store-failure.ts'

export interface DrsSizesOptions {
  readonly server: DrsServer
  readonly places: Omit<DrsPlaces, 'own'>
  readonly health: LocationHealth
  readonly observer: DataObserver
  /** ms since 1970. */
  readonly now: () => number
}

const DAY_MS = 24 * 3_600_000

export function createDrsSizes({ server, places, health, observer, now }: DrsSizesOptions): SizeAsker {
  const { location, origin, client } = server

  async function lookUp(batch: readonly SizeAsked[], signal: AbortSignal): Promise<ReadonlyMap<string, DrsLookup>> {
    const ids = batch.flatMap(({ url }) => server.idOf(url) ?? [])
    if (ids.length === 0 || !health.may(location)) return new Map()
    const began = now()
    const found = await client.getObjects(ids, { expand: batch.some(({ directory }) => directory), signal })
    if (signal.aborted) return found
    const lookups = [...found.values()]
    const [first] = lookups.flatMap(lookup => (lookup.outcome === 'failed' ? [lookup.error] : []))
    // One object that is denied says nothing of the server.
    const failure =
      first !== undefined && lookups.every(({ outcome }) => outcome === 'failed') ? describeStoreError(first, origin) : undefined
    health.record(location, failure)
    observer.asked(location, 'resolve', now() - began, failure?.kind)
    return found
  }

  function describe(url: string, lookup: DrsLookup | undefined): Measured {
    if (lookup === undefined || lookup.outcome === 'failed') return 'unknown'
    if (lookup.outcome === 'missing') return 'missing'
    const { object } = lookup
    const own = { location, url }
    if (object.size === undefined || object.access_methods.length > MOST_WAYS) return 'unknown'
    if (isBundle(object)) return { bytes: object.size, files: countFiles(object.contents ?? []), replicas: [own] }
    return { bytes: object.size, files: 1, replicas: findReplicas(object, { ...places, own }) }
  }

  return {
    lifeOf: () => DAY_MS,
    measure(batch, signal) {
      const looked = lookUp(batch, signal).catch(() => new Map<string, DrsLookup>())
      return batch.map(async ({ url }) => describe(url, (await looked).get(server.idOf(url) ?? '')))
    },
  }
}

function isBundle({ access_methods, contents = [] }: ReadDrsObject): boolean {
  return access_methods.length === 0 && contents.length > 0
}

/** A bundle within it that is not shown counts as one file. */
function countFiles(contents: readonly ReadContents[]): number {
  return contents.reduce((count, { contents: inner }) => count + (inner === undefined ? 1 : countFiles(inner)), 0)
}
