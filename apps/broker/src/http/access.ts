/**
 * Opens the way to a site or location: how it is sent to, and with what credential. Each way is bound to one exact origin (scheme, host, port); no
 * header and no certificate of it reaches another.
 */
import { ApiError, type AuthProvider, basic, bearer, type Fetch } from '@portolan/ga4gh'
import type { Person, SubjectTokens } from '../auth/subject-tokens.ts'
import type { ClientCertificate, Credential, PersonalCredential, Secret, SiteCredential } from '../config.ts'
import { refuseStaleToken } from './fresh-token.ts'
import type { Outbound, Ways } from './outbound-fetch.ts'
import { createTokenCache, type TokenCache } from './token-cache.ts'
import { TokenFailure } from './token-failure.ts'
import { createTokenServer } from './token-server.ts'

export interface Access {
  /** Shows the client certificate, where there is one. */
  readonly fetch: Fetch
  /** Absent: no header. */
  readonly auth?: AuthProvider | undefined
}

/** The same also for bytes of any length. */
export interface StreamAccess extends Access, Ways {}

export interface SiteAccess extends StreamAccess {
  /** In the name of one person. Absent: all is sent as the broker. */
  readonly asPerson?: ((person: Person) => Access) | undefined
}

export interface AccessPorts {
  readonly outbound: Omit<Outbound, typeof Symbol.asyncDispose>
  readonly subjectTokens: SubjectTokens
  /** ms since 1970. */
  readonly now: () => number
}

const READ_AGAIN_MS = 2_000

/** The way to a site. Without a credential the site is open: nothing is shown to it. */
export function openSiteAccess(origin: string, credential: SiteCredential | undefined, ports: AccessPorts): SiteAccess {
  if (credential === undefined || !isPersonal(credential)) return openAccess(origin, credential, ports)
  return { ...openAccess(origin, credential.own, ports), asPerson: openAsPerson(origin, credential, ports) }
}

/** The way for the broker itself; without a credential it is nobody. */
export function openAccess(origin: string, credential: Credential | undefined, ports: AccessPorts): StreamAccess {
  const ways = waysOf(origin, credential?.certificate, ports)
  switch (credential?.kind) {
    case undefined:
    case 'mtls':
      return ways
    case 'basic': {
      const { username, password } = credential
      const auth = basic(username, () => password.reveal())
      return { auth: bind(origin, auth), ...readAgainIfRefused(origin, ways, password, ports.now) }
    }
    case 'bearer': {
      const { token } = credential
      const auth = bearer(() => token.reveal())
      return { auth: bind(origin, auth), ...readAgainIfRefused(origin, ways, token, ports.now) }
    }
    case 'client_credentials': {
      const server = createTokenServer(credential.client, ports.outbound.fetch, ports.now)
      const cache = createTokenCache(ports.now)
      return withTokens(origin, ways, cache, 'broker', () => cache.get('broker', () => server.issue()))
    }
  }
}

function waysOf(origin: string, certificate: ClientCertificate | undefined, { outbound }: AccessPorts): Ways {
  if (certificate === undefined) return { fetch: outbound.fetch, stream: outbound.stream }
  return outbound.as({ origin, certificate })
}

function isPersonal(credential: SiteCredential): credential is PersonalCredential {
  return credential.kind === 'token_exchange' || credential.kind === 'forward_user'
}

function openAsPerson(origin: string, credential: PersonalCredential, ports: AccessPorts): (person: Person) => Access {
  const { outbound, subjectTokens, now } = ports
  const ways = waysOf(origin, credential.certificate, ports)
  const subject = (person: Person): Promise<Secret> => requireSubject(subjectTokens, person)
  if (credential.kind === 'forward_user') {
    return person => ({
      ...ways,
      auth: bind(
        origin,
        bearer(async () => (await subject(person)).reveal()),
      ),
    })
  }
  const { client, requestedTokenType } = credential
  const server = createTokenServer(client, outbound.fetch, now)
  const cache = createTokenCache(now)
  return person => {
    const key = JSON.stringify([person.issuer, person.subject])
    const obtain = async () => server.exchange(await subject(person), requestedTokenType)
    return withTokens(origin, ways, cache, key, () => cache.get(key, obtain))
  }
}

async function requireSubject(tokens: SubjectTokens, person: Person): Promise<Secret> {
  const subject = await tokens.subjectTokenOf(person).catch((cause: unknown) => {
    throw new TokenFailure('unavailable', 'the login of the person cannot be asked for their token', cause)
  })
  if (subject === undefined) throw new TokenFailure('person', 'the broker holds no valid login of this person')
  return subject
}

function bind(origin: string, provider: AuthProvider): AuthProvider {
  return request => (request.url.origin === origin ? provider(request) : {})
}

function withTokens(origin: string, ways: Ways, cache: TokenCache, key: string, get: () => Promise<Secret>): StreamAccess {
  return {
    auth: bind(
      origin,
      bearer(async ({ signal }) => (await withinTime(get(), signal)).reveal()),
    ),
    ...mapWays(ways, send => async (href, init) => {
      const answer = await send(href, init)
      const sent = new Headers(init.headers).get('authorization')
      if (answer.status !== 401 || sent === null || !cache.refuse(key, sent.replace(/^Bearer /, ''))) return answer
      await answer.body?.cancel()
      throw refuseStaleToken(origin)
    }),
  }
}

function mapWays({ fetch, stream }: Ways, map: (send: Fetch) => Fetch): Ways {
  return { fetch: map(fetch), stream: map(stream) }
}

/** A secret may be another one by now: where the site refuses it, its file is read again, at most once in a while, and the request is sent once more. */
function readAgainIfRefused(origin: string, ways: Ways, secret: Secret, now: () => number): Ways {
  let read: { readonly at: number; readonly done: Promise<boolean> } | undefined
  return mapWays(ways, send => async (href, init) => {
    const used = secret.reveal()
    const answer = await send(href, init)
    if (answer.status !== 401) return answer
    if (read === undefined || now() - read.at >= READ_AGAIN_MS) read = { at: now(), done: secret.renew() }
    await read.done
    if (secret.reveal() === used) return answer
    await answer.body?.cancel()
    throw refuseStaleToken(origin)
  })
}

/** The time of a request that passes before there is a token is the token server's, not the site's. */
function withinTime(token: Promise<Secret>, signal: AbortSignal): Promise<Secret> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      const reason: unknown = signal.reason
      const late = reason instanceof ApiError && reason.code === 'timeout'
      reject(late ? new TokenFailure('unavailable', 'the token server gave no token in the time of the request') : reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    token.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** The origins of the token servers that a credential names. */
export function tokenOriginsOf(credential: SiteCredential): string[] {
  const own = isPersonal(credential) ? tokenOriginsOf(credential.own) : []
  if (credential.kind !== 'client_credentials' && credential.kind !== 'token_exchange') return own
  const { server } = credential.client
  return [...own, new URL('issuer' in server ? server.issuer : server.tokenUrl).origin]
}
