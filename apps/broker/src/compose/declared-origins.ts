/**
 * Where the broker may go with a credential or into private networks: to what its operator has declared, and nowhere else.
 */

import type { Config, ConfiguredLocation } from '../config.ts'
import { addressOf } from '../data/s3-address.ts'
import { tokenOriginsOf } from '../http/access.ts'

/** Sites, locations, the token servers that they name, and the logins of persons. */
export function declaredOrigins(config: Config): string[] {
  return [
    ...config.sites.flatMap(({ url, credential }) => [new URL(url).origin, ...(credential ? tokenOriginsOf(credential) : [])]),
    ...config.auth.issuers.flatMap(({ origins }) => origins),
    ...config.locations.flatMap(declaredOriginsOf),
  ]
}

/** Of one location: its server, and the token server that its credential names. */
export function declaredOriginsOf(location: ConfiguredLocation): string[] {
  const { origin, credential } = location
  if (credential?.kind === 's3') return bucketOrigins(location)
  return [...(origin === undefined ? [] : [origin]), ...(credential ? tokenOriginsOf(credential) : [])]
}

/** Where each bucket has a host name of its own, those of the declared ones too. */
function bucketOrigins({ location, server }: ConfiguredLocation): string[] {
  if (location.kind !== 's3' || server.endpoint === undefined) return []
  const { protocol, host } = new URL(server.endpoint)
  const own = `${protocol}//${host}`
  if (server.addressing === 'path') return [own]
  const buckets = location.prefixes.flatMap(({ url }) => {
    const bucket = /^s3:/i.test(url) ? addressOf(url, server.endpoint ?? '')?.bucket : undefined
    return bucket === undefined ? [] : [bucket.toLowerCase()]
  })
  return [own, ...new Set(buckets.map(bucket => `${protocol}//${bucket}.${host}`))]
}
