/**
 * Where the broker may go with a credential or into private networks: to what its operator has declared, and nowhere else.
 */
import { parseUrl } from '@portolan/federation'
import type { Config, ConfiguredLocation } from '../config.ts'
import { tokenOriginsOf } from '../http/access.ts'

/** Sites, locations, the token servers that they name, and the logins of persons. */
export function declaredOrigins(config: Config): string[] {
  const credentials = [...config.sites, ...config.locations].flatMap(({ credential }) => credential ?? [])
  return [
    ...credentials.flatMap(credential => (credential.kind === 's3' ? [] : tokenOriginsOf(credential))),
    ...config.auth.issuers.flatMap(({ origins }) => origins),
    ...config.sites.map(({ url }) => new URL(url).origin),
    ...config.locations.flatMap(({ origin }) => (origin === undefined ? [] : [origin])),
    ...config.locations.flatMap(bucketOrigins),
  ]
}

/** The server of a location that speaks S3, and where it has a host name for each bucket those of the declared ones. */
function bucketOrigins({ location, server, credential }: ConfiguredLocation): string[] {
  if (location.kind !== 's3' || credential?.kind !== 's3' || server.endpoint === undefined) return []
  const { protocol, host } = new URL(server.endpoint)
  const own = `${protocol}//${host}`
  if (server.addressing === 'path') return [own]
  const buckets = location.prefixes.flatMap(({ url }) => {
    const parsed = parseUrl(url)
    return parsed?.scheme === 's3' ? [parsed.host] : []
  })
  return [own, ...new Set(buckets.map(bucket => `${protocol}//${bucket}.${host}`))]
}
