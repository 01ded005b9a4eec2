/**
 * Reads from the error of the client what is wrong with a site, in the closed set of words that may be shown to anybody.
 */
import type { SiteTrouble, TroubleKind } from '@portolan/federation'
import { ApiError, type ApiErrorCode } from '@portolan/ga4gh'
import { ConnectError } from '../http/connect-error.ts'
import { findTokenFailure, type TokenFailure } from '../http/token-failure.ts'

/** Where no status says it. `unauthorized` without one: the broker had no credential to send. */
const KINDS: Partial<Record<ApiErrorCode, TroubleKind>> = {
  timeout: 'timeout',
  connection_lost: 'broken',
  unreadable: 'unreadable',
  unauthorized: 'credential',
}

/** What a token that there is not says of the site. That one person has none says nothing of it. */
const TOKENS: Readonly<Record<TokenFailure['kind'], SiteTrouble | undefined>> = {
  unavailable: { kind: 'tokens' },
  client: { kind: 'client' },
  person: undefined,
}

/** Undefined where the site has no part in it: the broker gave the request up, or found it wrong before it was sent. */
export function troubleOf(error: unknown): SiteTrouble | undefined {
  if (!(error instanceof ApiError)) return { kind: 'unreadable' }
  const token = findTokenFailure(error)
  if (token) return TOKENS[token.kind]
  if (error.cause instanceof ConnectError && error.cause.phase === 'expired') return { kind: 'expired' }
  if (error.code === 'unreachable') return connectTrouble(error)
  // An answer that cannot be read may well have had the status 200.
  if (error.status !== undefined && error.code !== 'unreadable') return { kind: 'status', status: error.status }
  const kind = KINDS[error.code]
  return kind && { kind }
}

function connectTrouble({ cause }: ApiError): SiteTrouble {
  if (!(cause instanceof ConnectError)) return { kind: 'unreachable' }
  if (cause.phase !== 'connect') return { kind: cause.phase }
  return isRefusal(cause.cause) ? { kind: 'refused' } : { kind: 'unreachable' }
}

/** A name may have several addresses, each with its own error. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isRefusal)
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}
