/**
 * Access tokens of persons' logins, by the refresh tokens that the logins gave us. Kept in memory while they last, as a secret; the refresh token
 * lies in the store, and each one that replaces it is there before its access token is used.
 *
 * Two callers: for each person one question is on the way in a process, and one exchange in all of them, since a login may take the same refresh
 * token twice for a theft and end the person's tokens: who wants to exchange it claims it in the store, and others wait and then exchange the next one.
 * Crash: a claim whose holder died is free again when it has run out. Crash between the login's answer and the store: the login has replaced the
 * refresh token and we have the old one, so the person logs in again.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
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
  readonly store: Pick<LoginStore, 'execute' | 'getUpstreamRefresh'>
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
/** Longer than any exchange lasts: whose claim has run out has ended its question. */
const CLAIM_MS = TOTAL_MS + 4_000
const LOOK_AGAIN_MS = 100
const RETRY_SECONDS = 10
const MOST_TOKENS = 10_000

export function createUpstreamTokens({ issuers, store, signal, now }: UpstreamTokensParts): UpstreamTokens {
  const held = new Map<string, Held>()
  const asking = new Map<string, Promise<Secret | undefined>>()

  async function renew(person: PersonRef, issuer: LoginIssuer): Promise<Secret | undefined> {
    if (store.getUpstreamRefresh(SYSTEM, person) === undefined) return undefined
    const ends = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)])
    const configuration = await issuer.open(ends)
    const claim = randomUUID()
    const refresh = await claimRefresh(person, claim, ends)
    if (refresh === undefined) return undefined
    const askedAt = now()
    const settle = (upstreamRefresh?: string | null) =>
      store.execute({ kind: 'settleUpstream', principal: SYSTEM, person, claim, upstreamRefresh })
    const answer = await exchange(configuration, refresh, person).catch(async (error: unknown) => {
      // If this cannot be written either, the claim runs out by itself.
      await settle().catch(() => undefined)
      throw error
    })
    if (answer === undefined) {
      const { outcome } = await settle(null)
      // Another refresh token is there by now, or none.
      if (outcome === 'lost') throw busy(person)
      return undefined
    }
    await settle(answer.refresh_token)
    const token = new Secret(answer.access_token)
    const lifeMs = answer.expires_in === undefined ? UNTOLD_LIFE_MS : answer.expires_in * 1000
    if (held.size >= MOST_TOKENS) held.clear()
    held.set(keyOf(person), { token, until: askedAt + lifeMs })
    return token
  }

  /** The refresh token, ours to exchange; waits while another process exchanges it. Undefined: there is none any more. */
  async function claimRefresh(person: PersonRef, claim: string, ends: AbortSignal): Promise<string | undefined> {
    for (;;) {
      if (ends.aborted) throw busy(person)
      const answer = await store.execute({ kind: 'claimUpstream', principal: SYSTEM, person, claim, ttlMs: CLAIM_MS, now: now() })
      if (answer.outcome === 'claimed') return answer.upstreamRefresh
      if (answer.outcome === 'absent') return undefined
      await pause(LOOK_AGAIN_MS, undefined, { signal: ends }).catch(() => undefined)
    }
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

function busy({ issuer }: PersonRef): LoginUnavailable {
  return new LoginUnavailable(`What the login ${issuer} gave us for you is being renewed just now. Try again later.`, RETRY_SECONDS)
}

function keyOf({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}
