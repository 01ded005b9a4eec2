/**
 * Opens the client of an OAuth or OpenID server so that it sends through the broker's one way out, and to the origin of that server alone: the
 * client's secret goes nowhere else, whatever a discovery document says.
 */
import { ApiError, type Fetch } from '@portolan/ga4gh'
import {
  allowInsecureRequests,
  type ClientAuth,
  type ClientMetadata,
  Configuration,
  type CustomFetch,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  type ServerMetadata,
} from 'openid-client'
import { isLoopback } from '../config/loopback.ts'

export interface OAuthServer {
  readonly clientId: string
  readonly authentication: ClientAuth
  readonly fetch: Fetch
  /** For one request, in s. */
  readonly timeoutSeconds: number
  /** All that its endpoints may lie at. Absent: the origin of the server alone. */
  readonly origins?: readonly string[] | undefined
  /** Ends every request. */
  readonly signal?: AbortSignal | undefined
}

/** The configuration of an issuer by its discovery document, which must name exactly this issuer: a slash more or less is another one. */
export async function discoverIssuer(issuer: string, server: OAuthServer): Promise<Configuration> {
  const url = new URL(issuer)
  const configuration = await discovery(url, server.clientId, undefined, server.authentication, {
    timeout: server.timeoutSeconds,
    [customFetch]: fetchAt(url.origin, server),
    ...(mayBePlain(url) && { execute: [allowInsecureRequests] }),
  })
  const named = configuration.serverMetadata().issuer
  if (named !== issuer) throw new WrongIssuer(`the discovery document of ${issuer} is that of another issuer`)
  return configuration
}

/** The configuration of a token endpoint that is known by its address alone. */
export function openTokenEndpoint(tokenUrl: string, server: OAuthServer): Configuration {
  return open({ issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl }, new URL(tokenUrl), undefined, server)
}

/**
 * The configuration of a login whose discovery document is known: people come back from it with ID tokens, whose signatures are checked
 * (openid-client trusts TLS for that by default), and must be by this one algorithm.
 */
export function openLogin(metadata: ServerMetadata, idTokenAlgorithm: string, server: OAuthServer): Configuration {
  const client = { id_token_signed_response_alg: idTokenAlgorithm }
  const configuration = open(metadata, new URL(metadata.issuer), client, server)
  enableNonRepudiationChecks(configuration)
  return configuration
}

function open(metadata: ServerMetadata, url: URL, client: Partial<ClientMetadata> | undefined, server: OAuthServer): Configuration {
  const configuration = new Configuration(metadata, server.clientId, client, server.authentication)
  configuration.timeout = server.timeoutSeconds
  configuration[customFetch] = fetchAt(url.origin, server)
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

function fetchAt(origin: string, { fetch, origins = [origin], signal }: OAuthServer): CustomFetch {
  return async (href, { body, ...init }) => {
    if (!origins.includes(URL.parse(href)?.origin ?? '')) {
      throw new ApiError('unreachable', `The server at ${origin} names an address at another origin, which gets nothing`, {
        delivery: 'not_sent',
      })
    }
    const signals = [init.signal, signal].filter(one => one !== undefined && one !== null)
    // A client sends forms, and nothing when it asks for a document.
    const sent = body instanceof URLSearchParams || typeof body === 'string' ? { body } : {}
    return fetch(href, { ...init, ...sent, ...(signals.length > 0 && { signal: AbortSignal.any(signals) }) })
  }
}
