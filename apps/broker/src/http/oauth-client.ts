/**
 * Opens the client of an OAuth or OpenID server so that it sends through the broker's one way out, and to the origin of that server alone: the
 * client's secret goes nowhere else, whatever a discovery document says.
 */
import { ApiError, type Fetch } from '@portolan/ga4gh'
import { allowInsecureRequests, type ClientAuth, Configuration, type CustomFetch, customFetch, discovery } from 'openid-client'
import { isLoopback } from '../config/loopback.ts'

export interface OAuthServer {
  readonly clientId: string
  readonly authentication: ClientAuth
  readonly fetch: Fetch
  /** For one request, in s. */
  readonly timeoutSeconds: number
}

/** The configuration of an issuer by its discovery document, which must name exactly this issuer: a slash more or less is another one. */
export async function discoverIssuer(
  issuer: string,
  { clientId, authentication, fetch, timeoutSeconds }: OAuthServer,
): Promise<Configuration> {
  const url = new URL(issuer)
  const configuration = await discovery(url, clientId, undefined, authentication, {
    timeout: timeoutSeconds,
    [customFetch]: fetchAt(url.origin, fetch),
    ...(mayBePlain(url) && { execute: [allowInsecureRequests] }),
  })
  const named = configuration.serverMetadata().issuer
  if (named !== issuer) throw new WrongIssuer(`the discovery document of ${issuer} is that of another issuer`)
  return configuration
}

/** The configuration of a token endpoint that is known by its address alone. */
export function openTokenEndpoint(tokenUrl: string, { clientId, authentication, fetch, timeoutSeconds }: OAuthServer): Configuration {
  const url = new URL(tokenUrl)
  const configuration = new Configuration({ issuer: url.origin, token_endpoint: tokenUrl }, clientId, undefined, authentication)
  configuration.timeout = timeoutSeconds
  configuration[customFetch] = fetchAt(url.origin, fetch)
  if (mayBePlain(url)) allowInsecureRequests(configuration)
  return configuration
}

export class WrongIssuer extends Error {
  override readonly name = 'WrongIssuer'
}

/** Without TLS only on this machine. */
function mayBePlain(url: URL): boolean {
  return url.protocol === 'http:' && isLoopback(url.hostname)
}

function fetchAt(origin: string, fetch: Fetch): CustomFetch {
  return async (href, { body, ...init }) => {
    if (URL.parse(href)?.origin !== origin) {
      throw new ApiError('unreachable', `The server at ${origin} names an address at another origin, which gets nothing`, {
        delivery: 'not_sent',
      })
    }
    // A client sends forms, and nothing when it asks for a document.
    return fetch(href, body instanceof URLSearchParams || typeof body === 'string' ? { ...init, body } : init)
  }
}
