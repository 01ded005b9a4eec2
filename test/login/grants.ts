/**
 * Grants without a consent page, and access tokens without a login.
 */
import type { AccessToken, Client, Grant, Provider } from 'oidc-provider'

/** A saved grant that gives the client these scopes of the account. */
export async function grantScopes(provider: Provider, clientId: string, accountId: string, scope: string): Promise<Grant> {
  const grant = new provider.Grant({ clientId, accountId })
  grant.addOIDCScope(scope)
  await grant.save()
  return grant
}

export interface WantedToken {
  readonly client: Client
  readonly accountId: string
  /** Separated by spaces. */
  readonly scope: string
  readonly expiresInSeconds: number
  /** How it came about, for the provider's own books. */
  readonly gty: string
}

/** The value of a saved access token, as the provider knows it. */
export async function issueToken(provider: Provider, wanted: WantedToken): Promise<string> {
  const { client, accountId, scope, expiresInSeconds, gty } = wanted
  const grant = await grantScopes(provider, client.clientId, accountId, scope)
  const token: AccessToken = new provider.AccessToken({ client, accountId, grantId: grant.jti, gty, scope, expiresIn: expiresInSeconds })
  return token.save()
}
