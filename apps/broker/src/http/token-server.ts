/**
 * Gets tokens for a site: as the broker (client credentials, RFC 6749 section 4.4), or in exchange for the token of a person (RFC 8693). What comes
 * back is looked at before anybody sends it: a server that ignores `resource` or `audience` would give a token that is good elsewhere too.
 */
import type { Fetch } from '@portolan/ga4gh'
import { decodeJwt, errors, type JWTPayload } from 'jose'
import { ClientSecretBasic, ClientSecretPost, type Configuration, clientCredentialsGrant, genericGrantRequest } from 'openid-client'
import { Secret, type TokenClient } from '../config.ts'
import { describeTokenFailure } from './describe-token-failure.ts'
import { discoverIssuer, openTokenEndpoint } from './oauth-client.ts'
import type { IssuedToken } from './token-cache.ts'
import { TokenFailure } from './token-failure.ts'

export interface TokenServer {
  /** A token of the broker itself. Rejects with a `TokenFailure`. */
  issue(): Promise<IssuedToken>
  /** A token for the person whose access token this is. Rejects with a `TokenFailure`. */
  exchange(subject: Secret, requestedTokenType: string): Promise<IssuedToken>
}

const TIMEOUT_SECONDS = 10
/** How long a token counts whose life nobody tells. */
const UNTOLD_LIFE_MS = 60_000
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

type TokenResponse = Awaited<ReturnType<typeof clientCredentialsGrant>>
type Ask = (configuration: Configuration) => Promise<TokenResponse>

/** `now`: ms since 1970. */
export function createTokenServer(client: TokenClient, fetch: Fetch, now: () => number): TokenServer {
  const place = 'issuer' in client.server ? client.server.issuer : client.server.tokenUrl
  let opened: Promise<Configuration> | undefined

  /** Discovered once; after a failure again with the next request. */
  function open(): Promise<Configuration> {
    opened ??= openServer(client, fetch).catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }

  const target: Record<string, string> = {
    ...(client.scope !== undefined && { scope: client.scope }),
    ...(client.resource !== undefined && { resource: client.resource }),
    ...(client.audience !== undefined && { audience: client.audience }),
  }

  async function request(ask: Ask, forPerson: boolean): Promise<IssuedToken> {
    const askedAt = now()
    const used = client.clientSecret.reveal()
    const answer = await askOnce(ask, forPerson).catch(async (failure: unknown) => {
      // The secret in its file may be another one by now.
      if (failure instanceof TokenFailure && failure.kind === 'client') await client.clientSecret.renew()
      if (client.clientSecret.reveal() === used) throw failure
      opened = undefined
      return askOnce(ask, forPerson)
    })
    return accept(answer, client, place, forPerson, askedAt)
  }

  async function askOnce(ask: Ask, forPerson: boolean): Promise<TokenResponse> {
    try {
      return await ask(await open())
    } catch (error) {
      throw describeTokenFailure(error, place, forPerson)
    }
  }

  return {
    issue: () => request(configuration => clientCredentialsGrant(configuration, target), false),
    exchange: (subject, requestedTokenType) =>
      request(
        configuration =>
          genericGrantRequest(configuration, EXCHANGE, {
            ...target,
            subject_token: subject.reveal(),
            subject_token_type: ACCESS_TOKEN,
            requested_token_type: requestedTokenType,
          }),
        true,
      ),
  }
}

function openServer({ server, clientId, clientSecret, clientAuth }: TokenClient, fetch: Fetch): Promise<Configuration> {
  const secret = clientSecret.reveal()
  const authentication = clientAuth === 'post' ? ClientSecretPost(secret) : ClientSecretBasic(secret)
  const settings = { clientId, authentication, fetch, timeoutSeconds: TIMEOUT_SECONDS }
  return 'issuer' in server ? discoverIssuer(server.issuer, settings) : Promise.resolve(openTokenEndpoint(server.tokenUrl, settings))
}

function accept(answer: TokenResponse, client: TokenClient, place: string, forPerson: boolean, askedAt: number): IssuedToken {
  const unfit = (says: string): TokenFailure => new TokenFailure('client', `the token server ${place} gave a token ${says}`)
  if (answer.token_type.toLowerCase() !== 'bearer') throw unfit('that is no bearer token')
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(answer.access_token)) throw unfit('that cannot stand in a header')
  const claims = readClaims(answer.access_token)
  const wanted = [client.resource, client.audience].filter(value => value !== undefined)
  if (wanted.length > 0) {
    if (claims) {
      const audiences = [claims.aud ?? []].flat()
      if (!wanted.some(value => audiences.includes(value))) {
        throw unfit(
          `that is not for ${wanted.join(' or ')}: it is good elsewhere, and is not sent; let the server honour resource or audience`,
        )
      }
    } else if (forPerson) throw unfit('that is no JWT, so nobody can tell where it is good; it is not sent')
  }
  const life = answer.expires_in
  const expiresAt = life !== undefined ? askedAt + life * 1000 : claims?.exp !== undefined ? claims.exp * 1000 : askedAt + UNTOLD_LIFE_MS
  return { value: new Secret(answer.access_token), expiresAt }
}

/** The claims, as the server that we have just asked wrote them: who receives the token checks its signature. Undefined: no JWT. */
function readClaims(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token)
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
