/**
 * Why a login in the browser did not come about, in words for the person. Nothing that came from the browser or from the login gets into them but
 * codes of the standards: the rest could be anybody's text, or a secret. Pure.
 */
import { ApiError } from '@portolan/ga4gh'
import { AuthorizationResponseError, ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'
import * as z from 'zod/mini'
import { describeLoginFailure as describeSending } from '../../http/describe-login-failure.ts'
import type { LoginResults } from '../../stores/login-store.ts'
import { LoginUnavailable } from '../login.ts'

export interface LoginFailure {
  readonly status: 400 | 403 | 404 | 502 | 503
  /** What is wrong. */
  readonly says: string
  /** What to do; absent: `says` says it. */
  readonly fix?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  /** For the operator's log: a word of our own, and what was thrown. */
  readonly reason?: string | undefined
  readonly cause?: unknown
}

const AGAIN = 'Begin the login again.'
const OPERATOR = 'Nothing of the answer was believed. Tell the operators of this broker.'
const RETRY_AFTER_SECONDS = 5

type Unconsumed = Exclude<LoginResults['consumeLogin']['outcome'], 'consumed'>

/** The browser has come back with what is no login that it has begun. `name`: that of the login which it says to come from. */
export function describeUnconsumed(outcome: Unconsumed, name: string): LoginFailure {
  switch (outcome) {
    case 'expired':
      return { status: 400, says: 'This login took longer than ten minutes.', fix: AGAIN }
    case 'used':
      return {
        status: 400,
        says: 'This login was used already: the address of its answer counts once.',
        fix: 'Go to the first page; if you are not logged in, begin again.',
      }
    case 'otherBrowser':
      return {
        status: 400,
        says: 'This login was not begun in this browser.',
        fix: 'If somebody sent you here, close the page. Else begin again, and let the browser keep cookies of this host.',
      }
    case 'otherIssuer':
      return { status: 400, says: `This login was begun at another login than ${name}, and nothing of the answer was taken.`, fix: AGAIN }
    case 'notFound':
      return { status: 400, says: 'This broker knows of no such login.', fix: AGAIN }
  }
}

/** The ID token was made for another client of the login (`azp`). */
export function describeForeignParty(name: string): LoginFailure {
  return distrust(`The ID token of ${name} ${OF_CLAIM.azp}.`)
}

/** The tokens of the login cannot be used here. */
export function describeUnfit({ says, reason }: { readonly says: string; readonly reason: string }): LoginFailure {
  return { status: 502, says, fix: 'Tell the operators of this broker: claimsFrom says where else a login has it.', reason }
}

/** The answer is not from the login `name` (RFC 9207), or may not be. `isNamed`: it names another one. */
export function describeMixUp(name: string, isNamed: boolean): LoginFailure {
  const says = isNamed
    ? `The answer names another login than ${name} as the one that it comes from.`
    : `The answer does not name the login that it comes from, as answers of ${name} do.`
  return distrust(says)
}

/** The login `name` could not be gone to, or its answer is not to be believed. */
export function describeLoginFailure(error: unknown, name: string): LoginFailure {
  return { ...describe(error, name), cause: error }
}

function describe(error: unknown, name: string): LoginFailure {
  if (error instanceof LoginUnavailable) return { status: 503, says: error.says, retryAfterSeconds: error.retryAfterSeconds }
  if (error instanceof AuthorizationResponseError) return describeRefusal(error.error, name)
  if (error instanceof ResponseBodyError && error.error === 'invalid_grant')
    return { status: 502, says: `${name} no longer knows of this login.`, fix: AGAIN }
  const isForged = error instanceof ClientError && whatIsForged(error, name)
  if (isForged) return distrust(isForged)
  if (!isOfTheLogin(error)) throw error
  return { status: 503, says: describeSending(error, name), retryAfterSeconds: RETRY_AFTER_SECONDS }
}

/** Error codes of the authorization endpoint: RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6. */
function describeRefusal(code: string, name: string): LoginFailure {
  switch (code) {
    case 'access_denied':
      return { status: 403, says: `You cancelled at ${name}, or it does not let you in here.`, fix: AGAIN }
    case 'temporarily_unavailable':
    case 'server_error':
      return { status: 503, says: `${name} has trouble of its own (${code}). Try again later.`, retryAfterSeconds: RETRY_AFTER_SECONDS }
    case 'login_required':
    case 'interaction_required':
    case 'account_selection_required':
    case 'consent_required':
    case 'unmet_authentication_requirements':
      return { status: 403, says: `${name} could not log you in the way that is needed here (${code}).`, fix: AGAIN }
    default:
      return {
        status: 502,
        says: `${name} does not take what this broker asks of it.`,
        fix: 'Tell the operators of this broker: its client there is set up otherwise.',
      }
  }
}

const OF_CLAIM = {
  iss: 'names another login as the one that it comes from',
  aud: 'was made for another service',
  azp: 'was made for another service',
  nonce: 'belongs to another login than the one that this browser has begun',
} as const

const CauseOfClaim = z.object({ cause: z.object({ claim: z.enum(['iss', 'aud', 'azp', 'nonce']) }) })

/** In the words of the library. */
const MISSING_CLAIM = /^JWT "(nonce|iss|sub|aud|exp|iat)" .*claim missing$/
const OF_SIGNATURE = /signature|"alg"/

/** What is wrong with an ID token; undefined: it is not the ID token. */
function whatIsForged({ code, cause }: ClientError, name: string): string | undefined {
  const token = `The ID token of ${name}`
  if (code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED') {
    const claim = CauseOfClaim.safeParse(cause).data?.cause.claim
    return `${token} ${claim === undefined ? 'does not belong to this login' : OF_CLAIM[claim]}.`
  }
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return `${token} is of another time: it has expired, or the clock of one of us is wrong.`
  if (code === 'OAUTH_KEY_SELECTION_FAILED') return `${token} is signed by a key that the login does not have.`
  const message = code === 'OAUTH_INVALID_RESPONSE' && cause instanceof Error ? cause.message : ''
  if (!message.includes('JWT')) return undefined
  const [, missing] = MISSING_CLAIM.exec(message) ?? []
  if (missing === 'nonce') return `${token} does not say to which login it belongs: it has no nonce.`
  if (missing !== undefined) return `${token} lacks what every ID token says: it has no ${missing}.`
  return OF_SIGNATURE.test(message) ? `${token} is not signed as it must be.` : `${token} is not one that can be read.`
}

function distrust(says: string): LoginFailure {
  return { status: 502, says, fix: OPERATOR }
}

/** Errors of the program are no failures of the login. */
function isOfTheLogin(error: unknown): boolean {
  return [ClientError, ResponseBodyError, WWWAuthenticateChallengeError, ApiError].some(kind => error instanceof kind)
}
