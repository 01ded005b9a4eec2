/**
 * Asks logins again about people who are not here: by the refresh token that the login gave us for them. Behind the back of whoever asks, once their
 * claims are an hour old; with somebody waiting only where claims are too old for a create. For each person one question is on the way, and after a
 * failure there is a pause, in which that failure is the answer.
 */
import type { TokenVerifier } from '@portolan/identity'
import type { PersonRef } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import type { FailureLog } from './failure-log.ts'
import { type ForgetKnown, LoginUnavailable } from './login.ts'
import type { People } from './people.ts'
import { toPersonClaims, writeClaims } from './person-claims.ts'
import { SYSTEM } from './principal.ts'
import type { UpstreamTokens } from './upstream-tokens.ts'

export type Renewal =
  | { readonly outcome: 'renewed' }
  /** Only the person can mend it, by logging in. */
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'unavailable'; readonly says: string; readonly retryAfterSeconds: number }

export type FailedRenewal = Exclude<Renewal, { outcome: 'renewed' }>

export interface ClaimsRenewal {
  /** Never throws. */
  renew(person: PersonRef): Promise<Renewal>
  /** What the last question came to, while there is a pause after it. */
  lastFailure(person: PersonRef): FailedRenewal | undefined
  /** Renews behind the back of the caller if the claims are old. */
  renewIfOld(person: PersonRef, claimsAt: number): void
}

export interface ClaimsRenewalParts {
  readonly verifier: Pick<TokenVerifier, 'fetchClaims'>
  readonly upstream: UpstreamTokens
  readonly store: Pick<LoginStore, 'execute'>
  readonly people: Pick<People, 'describe'>
  readonly known: ForgetKnown
  /** From so much on claims are old. */
  readonly renewAfterMs: number
  readonly now: () => number
  readonly log: FailureLog
}

/** Until somebody who is away is asked about again after a failure. */
const PAUSE_MS = 60_000
const RETRY_SECONDS = 30
const MOST_PAUSES = 10_000

export function createClaimsRenewal(parts: ClaimsRenewalParts): ClaimsRenewal {
  const { verifier, upstream, store, people, known, renewAfterMs, now, log } = parts
  const asking = new Map<string, Promise<Renewal>>()
  /** What the last question came to that brought nothing, by person. */
  const failures = new Map<string, { readonly at: number; readonly renewal: FailedRenewal }>()

  async function ask(person: PersonRef): Promise<Renewal> {
    const token = await upstream.subjectTokenOf(person)
    if (token === undefined) return { outcome: 'absent' }
    const claimsAt = now()
    const { issuer, subject } = person
    const answer = await verifier.fetchClaims({ issuer, subject, token: token.reveal() })
    if (answer.outcome === 'refused') {
      upstream.forget(person)
      return { outcome: 'absent' }
    }
    if (answer.outcome === 'unavailable')
      return { outcome: 'unavailable', says: answer.detail, retryAfterSeconds: Math.ceil(answer.retryAfterMs / 1000) }
    // How the person logged in the login has said at the login, and says no more.
    const claims = toPersonClaims(answer.claims, people.describe(person)?.claims.acr)
    await store.execute({ kind: 'renewClaims', principal: SYSTEM, person, claimsText: writeClaims(claims), claimsAt })
    known.person(person)
    return { outcome: 'renewed' }
  }

  async function askOnce(person: PersonRef, key: string): Promise<Renewal> {
    const renewal = await ask(person).catch(describeRejected)
    if (renewal.outcome === 'renewed') failures.delete(key)
    else noteFailure(key, renewal)
    asking.delete(key)
    return renewal
  }

  function describeRejected(error: unknown): FailedRenewal {
    if (error instanceof LoginUnavailable) return { outcome: 'unavailable', says: error.says, retryAfterSeconds: error.retryAfterSeconds }
    log.error({ err: error }, 'what a login says of a person could not be renewed')
    return {
      outcome: 'unavailable',
      says: 'What your login says of you cannot be renewed now. Try again later.',
      retryAfterSeconds: RETRY_SECONDS,
    }
  }

  function noteFailure(key: string, renewal: FailedRenewal): void {
    if (failures.size >= MOST_PAUSES) failures.clear()
    failures.set(key, { at: now(), renewal })
  }

  /** Whoever waits is told how long, and nobody is asked sooner. */
  function lastFailure(person: PersonRef): FailedRenewal | undefined {
    const failure = failures.get(keyOf(person))
    if (failure === undefined) return undefined
    const { at, renewal } = failure
    const pauseMs = renewal.outcome === 'absent' ? PAUSE_MS : Math.min(PAUSE_MS, renewal.retryAfterSeconds * 1000)
    const leftMs = pauseMs - Math.abs(now() - at)
    if (leftMs <= 0) return undefined
    return renewal.outcome === 'absent' ? renewal : { ...renewal, retryAfterSeconds: Math.ceil(leftMs / 1000) }
  }

  async function renew(person: PersonRef): Promise<Renewal> {
    const key = keyOf(person)
    const already = asking.get(key)
    if (already) return await already
    const failure = lastFailure(person)
    if (failure !== undefined) return failure
    const work = askOnce(person, key)
    asking.set(key, work)
    return await work
  }

  return {
    renew,
    lastFailure,
    renewIfOld(person, claimsAt) {
      const at = now()
      const failed = failures.get(keyOf(person))?.at
      if (at - claimsAt < renewAfterMs || (failed !== undefined && Math.abs(at - failed) < PAUSE_MS)) return
      void renew(person)
    },
  }
}

function keyOf({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}
