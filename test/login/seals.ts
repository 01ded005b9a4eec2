/**
 * Tokens as LS-Login hands them out. Inside, the provider keeps opaque access tokens and one key that never changes; at the edge an access
 * token becomes a JWT that stands for the opaque one, and an ID token is signed again, by the key of the hour and with the faults in it.
 *
 * `at_hash` is taken over the opaque token, so it fits nothing: nobody should rely on it with LS-Login.
 */
import { randomUUID } from 'node:crypto'
import { decodeJwt, type JWTPayload } from 'jose'
import type { Provider } from 'oidc-provider'
import { type Fault, type Signature, spoil } from './faults.ts'
import type { KeyRing } from './keys.ts'

/** How an access token differs from an honest one. `claims` go over the claims that it would have. */
export interface Forgery {
  readonly claims: Readonly<Record<string, unknown>>
  readonly signedWith: Signature
}
const HONEST: Forgery = { claims: {}, signedWith: 'own-key' }

export interface Seals {
  /** What a caller gets for the provider's access token. */
  seal(value: string, forgery?: Forgery): Promise<string>
  /** The provider's access token for what a caller sent. Anything unknown stays as it is. */
  open(token: string): Promise<string>
  sealIdToken(token: string, faults: readonly Fault[]): Promise<string>
  /** The provider's ID token for the one that a caller got. Anything unknown stays as it is. */
  openIdToken(token: string): string
}

export function makeSeals(provider: Provider, keys: KeyRing, accessTokens: 'jwt' | 'opaque'): Seals {
  const inside = new Map<string, string>()

  async function describe(value: string): Promise<JWTPayload> {
    const token = (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value))
    if (token === undefined) throw new Error('this access token was never issued')
    const { clientId = '', scope = '', iat, exp = iat, extra = {} } = token
    const sub = token.kind === 'AccessToken' ? token.accountId : clientId
    return { ...extra, iss: provider.issuer, sub, azp: clientId, scope, iat, exp, jti: randomUUID() }
  }

  return {
    async seal(value, { claims, signedWith } = HONEST) {
      if (accessTokens === 'opaque') return value
      const payload = { ...(await describe(value)), ...claims }
      inside.set(payload.jti ?? '', value)
      return keys.sign(payload, 'at+jwt', signedWith)
    },
    async open(token) {
      const payload = await keys.open(token)
      return payload?.iss === provider.issuer ? (inside.get(payload.jti ?? '') ?? token) : token
    },
    async sealIdToken(token, faults) {
      const { claims, signedWith } = spoil(decodeJwt(token), faults, Math.floor(Date.now() / 1000))
      const sealed = await keys.sign(claims, 'JWT', signedWith)
      inside.set(sealed, token)
      return sealed
    },
    openIdToken: token => inside.get(token) ?? token,
  }
}
