/**
 * Where the bytes of a DRS object lie, by the ways that its server names: at declared locations, as far as the ways lead there. Pure.
 */
import type { LocationId, Replica } from '@portolan/federation'
import type { ReadAccessMethod, ReadAccessUrl, ReadDrsObject } from '@portolan/ga4gh/drs'
import type { ConfiguredLocation } from '../config.ts'
import type { FindWhereabouts } from './whereabouts.ts'

export interface DrsPlaces {
  /** The DRS server itself, and the URL of the object there. */
  readonly own: Replica
  readonly whereIs: FindWhereabouts
  /** The declared location on that ground. */
  readonly groundOf: (cloud: string, region: string) => LocationId | undefined
}

/** Ways are written by whoever has put the object there: each is looked at, so nobody reads an object with more, as one that says nothing of itself. */
export const MOST_WAYS = 256
/** Of more replicas those are left out that add no rule. */
const MOST_REPLICAS = 16

/**
 * An address under a declared prefix is a replica there; with a query, which may be a signature, it is not kept, but its rules hold, and the object is
 * read by a link that its server hands out. Any other address counts only where everybody can read it as it stands, and then by the rules of the DRS
 * location. What is asked for by an access id lies on the ground that the way names, or nobody knows where.
 */
export function findReplicas({ access_methods }: ReadDrsObject, places: DrsPlaces): readonly Replica[] {
  const found = access_methods.flatMap(method => replicasOf(method, places))
  const distinct = [...new Map(found.map(replica => [keyOf(replica), replica])).values()]
  return distinct.length === 0 ? [places.own] : bound(distinct, places.whereIs)
}

export function replicasOf(
  { access_url, access_id, cloud, region, available }: ReadAccessMethod,
  { own, whereIs, groundOf }: DrsPlaces,
): readonly Replica[] {
  if (available === false) return []
  const found: Replica[] = []
  if (access_url !== undefined) {
    const { url } = access_url
    const place = whereIs(url)
    const signed = { url: own.url, ...(isUsable(access_url) && { link: true }) }
    if (place === 'elsewhere') {
      if (isOpen(access_url)) found.push({ location: own.location, url })
      else if (isUsable(access_url)) found.push({ ...signed, location: own.location })
    } else if (place !== 'unreadable') {
      const { location, at } = place
      found.push(holdsNoSecret(url) ? { location, url } : { ...signed, location, at })
    }
  }
  if (access_id !== undefined) {
    const ground = cloud === undefined || region === undefined ? undefined : groundOf(cloud, region)
    found.push({ location: ground ?? own.location, url: own.url, link: true })
  }
  return found
}

/** Whoever holds the address can read by it, with nothing else. */
export function isUsable({ url, headers }: ReadAccessUrl): boolean {
  const parsed = URL.parse(url)
  if (parsed === null || headers.length > 0 || parsed.username !== '' || parsed.password !== '') return false
  return parsed.protocol === 'https:' || parsed.protocol === 'http:'
}

/** An address with a query may be signed, and decisions keep addresses. One with a user in it is unreadable. */
function holdsNoSecret(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && parsed.search === '' && parsed.hash === ''
}

function isOpen({ url, headers }: ReadAccessUrl): boolean {
  return /^https:/i.test(url) && headers.length === 0 && holdsNoSecret(url)
}

function keyOf({ location, url, at = '', link = false }: Replica): string {
  return JSON.stringify([location, url, at, link])
}

function bound(replicas: readonly Replica[], whereIs: FindWhereabouts): readonly Replica[] {
  if (replicas.length <= MOST_REPLICAS) return replicas
  const rulesOf = ({ location, url, at }: Replica): string => {
    const place = whereIs(at ?? url)
    return typeof place === 'string' ? location : place.rules
  }
  const kept = replicas.slice(0, MOST_REPLICAS)
  const said = new Set(kept.map(rulesOf))
  const more = new Map(replicas.slice(MOST_REPLICAS).map(replica => [rulesOf(replica), replica]))
  return [...kept, ...[...more].flatMap(([rules, replica]) => (said.has(rules) ? [] : [replica]))]
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
