/**
 * Login in the browser: to the login and back (code and PKCE, OpenID Connect Core section 3.1), and out again. What binds the way back to the browser
 * that began lies in the store under two hashes, the state that goes round by the login and a cookie that does not; nothing is kept here.
 *
 * Each way ends within `DEADLINE_MS`, whatever the login does: the person then reads why.
 */
import { authorizationCodeGrant, buildAuthorizationUrl } from 'openid-client'
import type { SecretHash } from '../../stores/login-rows.ts'
import type { FreshLogin, Login, LoginIssuer } from '../login.ts'
import type { Principal } from '../principal.ts'
import { sessionLife } from '../rules/lifetimes.ts'
import { hashSecret, makeLoginSecrets } from '../tokens/login-secrets.ts'
import { makeToken } from '../tokens/opaque-token.ts'
import type { RandomSource } from '../tokens/random-source.ts'
import {
  describeForeignParty,
  describeLoginFailure,
  describeMixUp,
  describeUnconsumed,
  describeUnfit,
  type LoginFailure,
} from './login-failure.ts'
import { type PendingData, readPending, type SessionData, writePending, writeSessionData } from './web-data.ts'

/** Answers come within ten seconds. */
const DEADLINE_MS = 9_000
/** From the first page to the last, at the login too. */
export const PENDING_MS = 10 * 60_000

export interface WebLoginParts {
  readonly login: Login
  readonly random: RandomSource
  /** ms since 1970. */
  readonly now: () => number
  readonly deadlineMs?: number | undefined
}

export interface Failed {
  readonly outcome: 'failed'
  readonly failure: LoginFailure
}
/** `location`: the address at the login. */
export type Begun = { readonly outcome: 'begun'; readonly location: string } | Failed
/** `session`: for the session cookie. `returnTo`: the path of a page of ours. */
export type Completed = { readonly outcome: 'loggedIn'; readonly session: string; readonly returnTo: string } | Failed

export interface WayBack {
  /** Of the address that the login has sent the browser to. */
  readonly query: string
  /** The secret in the cookie of this browser. */
  readonly binding: string | undefined
  /** The session that this browser had. */
  readonly replaces: SecretHash | undefined
}

export interface WebLogin {
  /** `binding`: the secret in the cookie of this browser. `returnTo`: the path of a page of ours. */
  begin(issuer: LoginIssuer, binding: string, returnTo: string): Promise<Begun>
  complete(issuer: LoginIssuer, back: WayBack): Promise<Completed>
}

interface Consumed extends PendingData {
  readonly outcome: 'consumed'
  readonly state: string
}

interface Exchanged extends SessionData {
  readonly outcome: 'exchanged'
  readonly claims: FreshLogin['idToken']
  readonly accessToken: string
}

export function createWebLogin({ login, random, now, deadlineMs = DEADLINE_MS }: WebLoginParts): WebLogin {
  const redirectUri = ({ id }: LoginIssuer): string => `${login.ownIssuer()}/app/callback/${id}`

  async function begin(issuer: LoginIssuer, binding: string, returnTo: string): Promise<Begun> {
    const { state, nonce, verifier, challenge } = makeLoginSecrets(random)
    const configuration = await issuer.open(AbortSignal.timeout(deadlineMs))
    const location = buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri(issuer),
      scope: issuer.scopes.join(' '),
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...(issuer.acrValues.length > 0 && { acr_values: issuer.acrValues.join(' ') }),
    }).href
    const { dropped } = await login.store.execute({
      kind: 'startLogin',
      login: {
        stateHash: hashSecret(state),
        bindingHash: hashSecret(binding),
        issuer: issuer.issuer,
        text: writePending({ verifier, nonce, returnTo }),
        expiresAt: now() + PENDING_MS,
      },
      most: login.bounds.begun.logins,
      now: now(),
    })
    if (dropped > 0) login.boundsObserver.bounded('begun-login', dropped)
    return { outcome: 'begun', location }
  }

  /** What was kept when this browser left for the login. It counts once. */
  async function consume(issuer: LoginIssuer, state: string | undefined, binding: string | undefined): Promise<Consumed | Failed> {
    if (state === undefined) return failed(describeUnconsumed('notFound', issuer.name))
    if (binding === undefined) return failed(describeUnconsumed('otherBrowser', issuer.name))
    const { issuer: name } = issuer
    const hashes = { stateHash: hashSecret(state), bindingHash: hashSecret(binding) }
    const consumed = await login.store.execute({ kind: 'consumeLogin', ...hashes, issuer: name, now: now() })
    if (consumed.outcome !== 'consumed') return failed(describeUnconsumed(consumed.outcome, issuer.name))
    return { outcome: 'consumed', state, ...readPending(consumed.text) }
  }

  /** Turns the code into tokens, and checks whose they are. */
  async function exchange(issuer: LoginIssuer, query: string, begun: Consumed, signal: AbortSignal): Promise<Exchanged | Failed> {
    const { state, nonce, verifier } = begun
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
    const back = new URL(`${redirectUri(issuer)}?${query}`)
    const configuration = await issuer.open(signal)
    const named = back.searchParams.getAll('iss')
    if (named.some(iss => iss !== issuer.issuer)) return failed(describeMixUp(issuer.name, true))
    if (named.length === 0 && configuration.serverMetadata().authorization_response_iss_parameter_supported === true)
      return failed(describeMixUp(issuer.name, false))
    const tokens = await authorizationCodeGrant(configuration, back, checks)
    const claims = tokens.claims()
    if (claims === undefined || tokens.id_token === undefined) throw new Error('A login without an ID token was let through')
    // OpenID Connect Core section 3.1.3.7, point 5: also where there is one audience.
    if (claims.azp !== undefined && claims.azp !== issuer.clientId) return failed(describeForeignParty(issuer.name))
    const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = tokens
    return { outcome: 'exchanged', claims, idToken, accessToken, refreshToken }
  }

  async function startSession(principal: Principal, tokens: Exchanged, replaces: SecretHash | undefined): Promise<string> {
    const { text, hash } = makeToken('session', random)
    const session = { hash, ...sessionLife(now()), dataText: writeSessionData(tokens) }
    const most = login.bounds.person.sessions
    const { displaced } = await login.store.execute({ kind: 'startSession', principal, session, replaces, most, now: now() })
    if (displaced.length > 0) login.boundsObserver.bounded('session', displaced.length)
    for (const ended of displaced) login.known.session(ended)
    if (replaces !== undefined) login.known.session(replaces)
    return text
  }

  async function complete(issuer: LoginIssuer, { query, binding, replaces }: WayBack): Promise<Completed> {
    const begun = await consume(issuer, onlyState(query), binding)
    if (begun.outcome === 'failed') return begun
    const signal = AbortSignal.timeout(deadlineMs)
    const tokens = await exchange(issuer, query, begun, signal)
    if (tokens.outcome === 'failed') return tokens
    const { claims: idToken, accessToken, refreshToken } = tokens
    const recorded = await login.recordLogin({ issuer: issuer.issuer, idToken, accessToken, refreshToken, client: 'web', signal })
    if (recorded.outcome === 'refused') return failed({ status: 403, says: recorded.says })
    if (recorded.outcome === 'unfit') return failed(describeUnfit(recorded))
    if (recorded.outcome === 'unavailable') {
      const { says, retryAfterSeconds } = recorded
      return failed({ status: 503, says, retryAfterSeconds })
    }
    return { outcome: 'loggedIn', session: await startSession(recorded.principal, tokens, replaces), returnTo: begun.returnTo }
  }

  return {
    begin: (issuer, ...rest) => orFailed(issuer, () => begin(issuer, ...rest)),
    complete: (issuer, back) => orFailed(issuer, () => complete(issuer, back)),
  }
}

/** Two of them would mean two things. */
function onlyState(query: string): string | undefined {
  const [state, ...more] = new URLSearchParams(query).getAll('state')
  return more.length === 0 ? state : undefined
}

function failed(failure: LoginFailure): Failed {
  return { outcome: 'failed', failure }
}

async function orFailed<Outcome>({ name }: LoginIssuer, act: () => Promise<Outcome>): Promise<Outcome | Failed> {
  try {
    return await act()
  } catch (error) {
    return failed(describeLoginFailure(error, name))
  }
}
