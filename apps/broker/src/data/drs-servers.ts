/**
 * The DRS servers of declared locations, and the way to each: bound to its origin, with the credential of its location. No other server is asked.
 */
import type { LocationId } from '@portolan/federation'
import type { Fetch } from '@portolan/ga4gh'
import { createDrsClient, type DrsClient, parseDrsUri } from '@portolan/ga4gh/drs'
import type { ConfiguredLocation } from '../config.ts'
import { type Access, type AccessPorts, openAccess } from '../http/access.ts'
import { withFreshToken } from '../http/fresh-token.ts'
import { createPrefixLocator } from './prefix-locator.ts'
import { REQUEST_MS } from './store-limits.ts'

export interface DrsServer {
  readonly location: LocationId
  readonly origin: string
  readonly client: DrsClient
  /** The id of an object that this location declares; undefined for every other URL. */
  idOf(url: string): string | undefined
}

export interface DrsServers {
  readonly byLocation: ReadonlyMap<LocationId, DrsServer>
  at(url: string): DrsServer | undefined
}

const MOST_BYTES = 16 * 1024 * 1024

export function createDrsServers(locations: readonly ConfiguredLocation[], access: AccessPorts): DrsServers {
  const findPlace = createPrefixLocator(locations)
  const locationOf = (url: string): LocationId | undefined => findPlace(url)?.location.location.id
  const byLocation = new Map<LocationId, DrsServer>()
  for (const { location, server, origin, credential } of locations) {
    if (location.kind !== 'drs' || origin === undefined || credential?.kind === 's3') continue
    const client = createDrsClient({
      baseUrl: baseOf(server.endpoint ?? origin),
      fetch: sendAs(openAccess(origin, credential, access)),
      timeoutMs: REQUEST_MS,
      maxRetries: 0,
      maxResponseBytes: MOST_BYTES,
      now: access.now,
    })
    const host = hostOf(location.prefixes[0]?.url ?? '')
    byLocation.set(location.id, {
      location: location.id,
      origin,
      client,
      idOf(url) {
        const uri = parseDrsUri(url)
        return uri !== undefined && uri.host === host && locationOf(url) === location.id ? uri.id : undefined
      },
    })
  }
  return {
    byLocation,
    at(url) {
      const id = locationOf(url)
      return id === undefined ? undefined : byLocation.get(id)
    },
  }
}

/** Each time with the credential of that moment: one that is refused may have been replaced. */
function sendAs({ fetch, auth }: Access): Fetch {
  return (url, init) =>
    withFreshToken(async () => {
      const headers = new Headers(init.headers)
      const signal = init.signal ?? AbortSignal.timeout(REQUEST_MS)
      const credential = auth ? await auth({ url: new URL(url), signal }) : {}
      for (const [name, value] of Object.entries(credential)) headers.set(name, value)
      return fetch(url, { ...init, headers })
    })
}

/** Where the standard puts it, unless the endpoint names another path. */
function baseOf(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint)
  return pathname === '/' ? `${origin}/ga4gh/drs/v1` : `${origin}${pathname}`
}

/** Of a prefix, which need not name an object. */
function hostOf(prefix: string): string | undefined {
  return parseDrsUri(`${/^drs:\/\/[^/]+/i.exec(prefix)?.[0]}/x`)?.host
}
