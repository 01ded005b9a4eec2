/**
 * Resource indicators (RFC 8707): LS-Login honours those that a client registered at client credentials and token exchange, and refuses others.
 */
import { errors, type KoaContextWithOIDC, type UnknownObject } from 'oidc-provider'
import type { RegisteredClient } from './settings.ts'
import { EXCHANGE_GRANT } from './settings.ts'

const HONOURED_AT: readonly unknown[] = ['client_credentials', EXCHANGE_GRANT]

/** The audience and actor that an access token gets beside its other claims. Without a request there is nobody to ask for one. */
export function claimsOfResource(ctx: KoaContextWithOIDC | undefined, clients: readonly RegisteredClient[]): UnknownObject | undefined {
  const { grant_type: grantType, resource } = ctx?.oidc.body ?? {}
  if (ctx === undefined || !HONOURED_AT.includes(grantType)) return undefined
  const clientId = ctx.oidc.client?.clientId
  const act = grantType === EXCHANGE_GRANT ? { act: { sub: clientId } } : {}
  if (resource === undefined) return act
  const registered = clients.find(({ id }) => id === clientId)?.resources ?? []
  const wanted = [resource].flat().map(String)
  if (!wanted.every(one => registered.includes(one))) throw new errors.InvalidTarget('resource is not registered for this client')
  return { ...act, aud: wanted.length === 1 ? wanted[0] : wanted }
}
