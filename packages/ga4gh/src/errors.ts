/**
 * The one error class of the SDKs, with a closed set of stable codes. It says what a caller of a service without idempotency keys must know:
 * was the request surely not carried out, or does nobody know?
 */
import type { Problem } from './error-body.ts'

export const API_ERROR_CODES = [
  /** No connection came about: name not found, refused, no route, certificate not trusted. */
  'unreachable',
  /** No complete answer within the time allowed. */
  'timeout',
  /** The caller's signal was aborted. */
  'aborted',
  /** The connection broke before the answer was complete. */
  'connection_lost',
  /** 400 and 422; also input that was refused before anything was sent (then without `status`). */
  'bad_request',
  'unauthorized',
  'forbidden',
  'not_found',
  /** 409 and 412. */
  'conflict',
  /** 413. */
  'too_large',
  /** 429; see `retryAfterMs`. */
  'too_many_requests',
  /** Any other 4xx. */
  'client_error',
  /** 3xx: redirects are never followed, since a credential belongs to one origin. */
  'redirected',
  /** 5xx. */
  'server_error',
  /** An answer that is not what the standard describes: no JSON, too long, a needed field missing. */
  'unreadable',
] as const
export type ApiErrorCode = (typeof API_ERROR_CODES)[number]

/**
 * `not_sent`: the server never had the request. `refused`: it answered that it will not carry it out (3xx, 4xx, and
 * what a broker says of a login that it cannot ask).
 * `unknown`: it may have carried it out; look before you repeat a request that changes something.
 */
export type Delivery = 'not_sent' | 'refused' | 'unknown'

export interface ApiErrorDetails {
  readonly delivery?: Delivery | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly problems?: readonly Problem[] | undefined
  readonly type?: string | undefined
  readonly reason?: string | undefined
  readonly said?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

const DELIVERY: Record<ApiErrorCode, Delivery> = {
  unreachable: 'not_sent',
  timeout: 'unknown',
  aborted: 'unknown',
  connection_lost: 'unknown',
  bad_request: 'refused',
  unauthorized: 'refused',
  forbidden: 'refused',
  not_found: 'refused',
  conflict: 'refused',
  too_large: 'refused',
  too_many_requests: 'refused',
  client_error: 'refused',
  redirected: 'refused',
  server_error: 'unknown',
  unreadable: 'unknown',
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ApiErrorCode
  readonly delivery: Delivery
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined
  /** The id under which the server knows the request (header `X-Request-Id`). */
  readonly requestId: string | undefined
  /** What the server, or the check before sending, found wrong. */
  readonly problems: readonly Problem[]
  /** How the server names the kind of the error, a URI (RFC 9457, section 3.1.1); those of a broker begin with `urn:portolan:error:`. */
  readonly type: string | undefined
  /** The word by which an OAuth server names its refusal, such as `invalid_grant` (RFC 6749, section 5.2). */
  readonly reason: string | undefined
  /** What the server said of it, on one line; no credential stands in it. */
  readonly said: string | undefined
  /** How long the server asked to wait. */
  readonly retryAfterMs: number | undefined

  constructor(code: ApiErrorCode, message: string, details: ApiErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.delivery = details.delivery ?? DELIVERY[code]
    this.status = details.status
    this.requestId = details.requestId
    this.problems = details.problems ?? []
    this.type = details.type
    this.reason = details.reason
    this.said = details.said
    this.retryAfterMs = details.retryAfterMs
  }
}

/** The code for an HTTP status that is not a success. */
export function codeOfStatus(status: number): ApiErrorCode {
  switch (status) {
    case 400:
    case 422:
      return 'bad_request'
    case 401:
      return 'unauthorized'
    case 403:
      return 'forbidden'
    case 404:
      return 'not_found'
    case 409:
    case 412:
      return 'conflict'
    case 413:
      return 'too_large'
    case 429:
      return 'too_many_requests'
    default:
      if (status >= 500) return 'server_error'
      return status >= 400 ? 'client_error' : status >= 300 ? 'redirected' : 'unreadable'
  }
}
