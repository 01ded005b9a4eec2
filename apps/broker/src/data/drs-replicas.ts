/**
 * Where the bytes of a DRS object lie, by the ways that its server names: at declared locations, as far as the ways lead there. Pure.
 */
import type { LocationId, Replica } from '@portolan/federation'
import type { ReadAccessMethod, ReadDrsObject } from '@portolan/ga4gh/drs'
import type { ConfiguredLocation } from '../config.ts'

export interface DrsPlaces {
  /** The DRS server itself, and the URL of the object there. */
  readonly own: Replica
  /** The declared location whose prefix covers a URL, if it is no DRS server. */
  readonly placeOf: (url: string) => LocationId | undefined
  /** The declared location on that ground. */
  readonly groundOf: (cloud: string, region: string) => LocationId | undefined
}

/**
 * An address under a declared prefix is a replica there. Any other counts only where everybody can read it as it stands, and then by the rules of the
 * DRS location. What is asked for by an access id lies on the ground that the way names, or nobody knows where; it is read by its `drs` URL.
 */
export function findReplicas({ access_methods }: ReadDrsObject, places: DrsPlaces): readonly Replica[] {
  const found = access_methods.flatMap(method => replicasOf(method, places))
  const distinct = new Map(found.map(replica => [`${replica.location} ${replica.url}`, replica]))
  return distinct.size === 0 ? [places.own] : [...distinct.values()]
}

function replicasOf({ access_url, access_id, cloud, region, available }: ReadAccessMethod, places: DrsPlaces): readonly Replica[] {
  if (available === false) return []
  const found: Replica[] = []
  if (access_url !== undefined && holdsNoSecret(access_url.url)) {
    const location = places.placeOf(access_url.url)
    if (location !== undefined) found.push({ location, url: access_url.url })
    else if (isOpen(access_url)) found.push({ location: places.own.location, url: access_url.url })
  }
  if (access_id !== undefined) {
    const ground = cloud === undefined || region === undefined ? undefined : places.groundOf(cloud, region)
    found.push({ location: ground ?? places.own.location, url: places.own.url })
  }
  return found
}

/** An address with a query may be signed, and decisions keep addresses. */
function holdsNoSecret(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && parsed.search === '' && parsed.hash === '' && parsed.username === '' && parsed.password === ''
}

function isOpen({ url, headers }: NonNullable<ReadAccessMethod['access_url']>): boolean {
  return /^https:/i.test(url) && headers.length === 0
}

/** Locations by the words of DRS servers for the ground that they are on. Of several on one ground none is meant. */
export function compileGrounds(locations: readonly ConfiguredLocation[]): DrsPlaces['groundOf'] {
  const grounds = Map.groupBy(
    locations.filter(({ location, server }) => location.kind !== 'drs' && server.cloud !== undefined),
    ({ server }) => groundKey(server.cloud ?? '', server.region),
  )
  return (cloud, region) => {
    const [only, ...others] = grounds.get(groundKey(cloud, region)) ?? []
    return others.length > 0 ? undefined : only?.location.id
  }
}

function groundKey(cloud: string, region: string): string {
  return `${cloud.toLowerCase()} ${region.toLowerCase()}`
}
