/**
 * Where the broker may go with a credential or into private networks: to what its operator has declared, and nowhere else.
 */
import type { Config } from '../config.ts'
import { tokenOriginsOf } from '../http/access.ts'

/** Sites, locations, the token servers that they name, and the logins of persons. */
export function declaredOrigins(config: Config): string[] {
  const credentials = [...config.sites, ...config.locations].flatMap(({ credential }) => credential ?? [])
  return [
    ...credentials.flatMap(tokenOriginsOf),
    ...config.auth.issuers.flatMap(({ origins }) => origins),
    ...config.sites.map(({ url }) => new URL(url).origin),
    ...config.locations.flatMap(({ origin }) => (origin === undefined ? [] : [origin])),
  ]
}
