/**
 * Login in the browser: to the login and back (code and PKCE, OpenID Connect Core section 3.1), and out again. What binds the way back to the browser
 * that began lies in the store under two hashes, the state that goes round by the login and a cookie that does not; nothing is kept here.
 *
 * Each way ends within `DEADLINE_MS`, whatever the login does: the person then reads why.
 */
import { authorizationCodeGrant, buildAuthorizationUrl } from 'openid-client'
import type { PersonRef, SecretHash } from '../../stores/login-rows.ts'
import type { Login, LoginIssuer } from '../login.ts'
import { sessionLife } from '../rules/lifetimes.ts'
import { hashSecret, makeLoginSecrets } from '../tokens/login-secrets.ts'
import { makeToken } from '../tokens/opaque-token.ts'
import type { RandomSource } from '../tokens/random-source.ts'
import { describeForeignParty, describeLoginFailure, describeUnconsumed, type LoginFailure } from './login-failure.ts'
import { readPending, writePending, writeSessionData } from './web-data.ts'

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

export type Begun = { readonly outcome: 'begun' /** Of the login. */; readonly location: string } | Failed
export type Completed =
  | {
      readonly outcome: 'loggedIn'
      readonly person: PersonRef /** For the session cookie. */
      readonly session: string
      readonly returnTo: string
    }
  | Failed
export interface Failed {
  readonly outcome: 'failed'
  readonly failure: LoginFailure
}

export interface WebLogin {
  /** `binding`: the secret in the cookie of this browser. `returnTo`: a path of ours. */
  begin(issuer: LoginIssuer, binding: string, returnTo: string): Promise<Begun>
  /** `query`: of the address that the login has sent the browser to. `replaces`: the session that this browser had. */
  complete(
    issuer: LoginIssuer,
    back: { readonly query: string; readonly binding: string | undefined; readonly replaces: SecretHash | undefined },
  ): Promise<Completed>
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
    await login.store.execute({
      kind: 'startLogin',
      login: {
        stateHash: hashSecret(state),
        bindingHash: hashSecret(binding),
        issuer: issuer.issuer,
        text: writePending({ verifier, nonce, returnTo }),
        expiresAt: now() + PENDING_MS,
      },
      now: now(),
    })
    return { outcome: 'begun', location }
  }

  async function complete(issuer: LoginIssuer, { query, binding, replaces }: Parameters<WebLogin['complete']>[1]): Promise<Completed> {
    const [state, ...more] = new URLSearchParams(query).getAll('state')
    if (state === undefined || more.length > 0) return failed(describeUnconsumed('notFound', issuer.name))
    if (binding === undefined) return failed(describeUnconsumed('otherBrowser', issuer.name))
    const consumed = await login.store.execute({
      kind: 'consumeLogin',
      stateHash: hashSecret(state),
      bindingHash: hashSecret(binding),
      issuer: issuer.issuer,
      now: now(),
    })
    if (consumed.outcome !== 'consumed') return failed(describeUnconsumed(consumed.outcome, issuer.name))
    const { verifier, nonce, returnTo } = readPending(consumed.text)

    const signal = AbortSignal.timeout(deadlineMs)
    const configuration = await issuer.open(signal)
    const back = new URL(`${redirectUri(issuer)}?${query}`)
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
    const tokens = await authorizationCodeGrant(configuration, back, checks)
    const idToken = tokens.claims()
    if (idToken === undefined || tokens.id_token === undefined) throw new Error('A login without an ID token was let through')
    // OpenID Connect Core section 3.1.3.7, point 5: also where there is one audience.
    if (idToken.azp !== undefined && idToken.azp !== issuer.clientId) return failed(describeForeignParty(issuer.name))
    const recorded = await login.recordLogin({
      issuer: issuer.issuer,
      idToken,
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      client: 'web',
      signal,
    })
    if (recorded.outcome === 'refused') return failed({ status: 403, says: recorded.says })
    if (recorded.outcome === 'unavailable') {
      const { says, retryAfterSeconds } = recorded
      return failed({ status: 503, says, retryAfterSeconds })
    }
    const { person, principal } = recorded
    const session = makeToken('session', random)
    await login.store.execute({
      kind: 'startSession',
      principal,
      session: {
        hash: session.hash,
        ...sessionLife(now()),
        dataText: writeSessionData({ idToken: tokens.id_token, refreshToken: tokens.refresh_token }),
      },
      replaces,
      now: now(),
    })
    if (replaces !== undefined) login.known.session(replaces)
    return { outcome: 'loggedIn', person, session: session.text, returnTo }
  }

  return {
    begin: (issuer, ...rest) => orFailed(issuer, () => begin(issuer, ...rest)),
    complete: (issuer, back) => orFailed(issuer, () => complete(issuer, back)),
  }
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
