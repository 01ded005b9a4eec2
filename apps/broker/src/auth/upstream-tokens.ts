/**
 * Access tokens of persons' logins, by the refresh tokens that the logins gave us. Kept in memory while they last, as a secret; the refresh token
 * lies in the store, and each one that replaces it is there before its access token is used. For each person one question is on the way.
 *
 * Crash between the login's answer and the store: the login has replaced the refresh token and we have the old one, so the person logs in again.
 */
import { type Configuration, ResponseBodyError, refreshTokenGrant } from 'openid-client'
import { Secret } from '../config.ts'
import { describeLoginFailure } from '../http/describe-login-failure.ts'
import type { PersonRef } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import { type LoginIssuer, LoginUnavailable } from './login.ts'
import { SYSTEM } from './principal.ts'
import type { SubjectTokens } from './subject-tokens.ts'

export interface UpstreamTokens extends SubjectTokens {
  /** Forgets the token: the login has refused it. */
  forget(person: PersonRef): void
}

export interface UpstreamTokensParts {
  readonly issuers: ReadonlyMap<string, LoginIssuer>
  readonly store: Pick<LoginStore, 'execute' | 'getPerson' | 'getUpstreamRefresh'>
  /** Ends every question. */
  readonly signal: AbortSignal
  readonly now: () => number
}

interface Held {
  readonly token: Secret
  /** ms since 1970. */
  readonly until: number
}

const MARGIN_MS = 60_000
/** How long a token counts whose life nobody tells. */
const UNTOLD_LIFE_MS = 2 * MARGIN_MS
const TOTAL_MS = 8_000
const RETRY_SECONDS = 10
const MOST_TOKENS = 10_000

export function createUpstreamTokens({ issuers, store, signal, now }: UpstreamTokensParts): UpstreamTokens {
  const held = new Map<string, Held>()
  const asking = new Map<string, Promise<Secret | undefined>>()

  async function renew(person: PersonRef, issuer: LoginIssuer): Promise<Secret | undefined> {
    const refresh = store.getUpstreamRefresh(SYSTEM, person)
    if (refresh === undefined) return undefined
    const askedAt = now()
    const configuration = await issuer.open(AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)]))
    const answer = await exchange(configuration, refresh, person)
    if (answer === undefined) {
      // Another process may have been first: then there is another one by now.
      if (store.getUpstreamRefresh(SYSTEM, person) === refresh) await putRefresh(person, null)
      return undefined
    }
    if (answer.refresh_token !== undefined && answer.refresh_token !== refresh) await putRefresh(person, answer.refresh_token)
    const token = new Secret(answer.access_token)
    const lifeMs = answer.expires_in === undefined ? UNTOLD_LIFE_MS : answer.expires_in * 1000
    if (held.size >= MOST_TOKENS) held.clear()
    held.set(keyOf(person), { token, until: askedAt + lifeMs })
    return token
  }

  /** What the login says of the person is not touched. */
  async function putRefresh(person: PersonRef, upstreamRefresh: string | null): Promise<void> {
    const row = store.getPerson(SYSTEM, person)
    if (!row) return
    const { claimsText, claimsAt } = row
    await store.execute({ kind: 'renewClaims', principal: SYSTEM, person, claimsText, claimsAt, upstreamRefresh })
  }

  return {
    forget: person => void held.delete(keyOf(person)),
    async subjectTokenOf(owner) {
      const issuer = issuers.get(owner.issuer)
      if (!issuer) return undefined
      const key = keyOf(owner)
      const known = held.get(key)
      if (known && now() < known.until - MARGIN_MS) return known.token
      const already = asking.get(key)
      if (already) return await already
      const work = renew(owner, issuer).finally(() => asking.delete(key))
      asking.set(key, work)
      return await work
    },
  }
}

type TokenResponse = Awaited<ReturnType<typeof refreshTokenGrant>>

/** Undefined: the login takes this refresh token no more. */
async function exchange(configuration: Configuration, refresh: string, { issuer }: PersonRef): Promise<TokenResponse | undefined> {
  try {
    return await refreshTokenGrant(configuration, refresh)
  } catch (error) {
    if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return undefined
    throw new LoginUnavailable(describeLoginFailure(error, issuer), RETRY_SECONDS)
  }
}

function keyOf({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}
