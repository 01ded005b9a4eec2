/**
 * A configured login as the broker sends people there and comes back with their codes and refresh tokens. Its discovery document is kept for an
 * hour, and for a day more while the login is silent; however many ask, one question is on the way.
 */
import type { Fetch } from '@portolan/ga4gh'
import { ClientSecretBasic, type Configuration, None } from 'openid-client'
import type { ConfiguredIssuer } from '../../config/types.ts'
import { describeLoginFailure } from '../../http/describe-login-failure.ts'
import { discoverIssuer, openLogin } from '../../http/oauth-client.ts'
import { type LoginIssuer, LoginUnavailable } from '../login.ts'

export interface LoginClientPorts {
  readonly fetch: Fetch
  readonly now: () => number
}

export interface LoginClient extends LoginIssuer {
  /** Asks for the discovery document anew. Rejects with `LoginUnavailable`. */
  probe(signal: AbortSignal): Promise<void>
}

type Metadata = ReturnType<Configuration['serverMetadata']>

const FRESH_MS = 3_600_000
const STALE_MS = 24 * FRESH_MS
const REQUEST_SECONDS = 4
const RETRY_SECONDS = 10

export function createLoginClient(issuer: ConfiguredIssuer, { fetch, now }: LoginClientPorts): LoginClient {
  const { id, name, clientId, clientSecret, scopes, acrValues } = issuer
  const authentication = clientSecret ? ClientSecretBasic(clientSecret.reveal()) : None()
  const server = { clientId, authentication, fetch, timeoutSeconds: REQUEST_SECONDS, origins: issuer.origins }
  let kept: { readonly metadata: Metadata; readonly askedAt: number } | undefined
  let asking: Promise<void> | undefined

  async function discover(): Promise<void> {
    const askedAt = now()
    const found = await discoverIssuer(issuer.issuer, server)
    kept = { metadata: found.serverMetadata(), askedAt }
  }

  /** Waits no longer than the signal says; others may still be waiting for the same answer. */
  async function ask(signal: AbortSignal): Promise<void> {
    asking ??= discover().finally(() => {
      asking = undefined
    })
    try {
      await untilAborted(asking, signal)
    } catch (error) {
      // Not the error itself: it may hold what the login wrote, and that may repeat what it was sent.
      throw new LoginUnavailable(describeLoginFailure(error, issuer.issuer), RETRY_SECONDS)
    }
  }

  const isYoungerThan = (ageMs: number): boolean => kept !== undefined && Math.abs(now() - kept.askedAt) < ageMs

  return {
    id,
    name,
    issuer: issuer.issuer,
    clientId,
    clientSecret,
    scopes,
    acrValues,
    probe: ask,
    async open(signal) {
      if (!isYoungerThan(FRESH_MS)) {
        await ask(signal).catch((error: unknown) => {
          if (!isYoungerThan(STALE_MS)) throw error
        })
      }
      if (!kept) throw new LoginUnavailable(`The login ${issuer.issuer} is not known yet. Try again later.`, RETRY_SECONDS)
      return openLogin(kept.metadata, issuer.idTokenAlgorithm, { ...server, signal })
    },
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stop = Promise.withResolvers<never>()
  const give = (): void => stop.reject(new LoginUnavailable('The login did not answer in time. Try again later.', RETRY_SECONDS))
  if (signal.aborted) give()
  else signal.addEventListener('abort', give, { once: true })
  try {
    return await Promise.race([work, stop.promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
