/**
 * Reads from the error of the client what is wrong with a site, in the closed set of words that may be shown to anybody.
 */
import type { SiteTrouble } from '@portolan/federation'
import { ApiError } from '@portolan/ga4gh'
import { ConnectError } from '../http/connect-error.ts'

/** Undefined where the site has no part in it: the broker gave the request up, or found it wrong before it was sent. */
export function troubleOf(error: unknown): SiteTrouble | undefined {
  if (!(error instanceof ApiError)) return { kind: 'unreadable' }
  switch (error.code) {
    case 'timeout':
      return { kind: 'timeout' }
    case 'unreachable':
      return connectTrouble(error)
    case 'connection_lost':
      return { kind: 'broken' }
    case 'unreadable':
      return { kind: 'unreadable' }
    case 'aborted':
      return undefined
    default:
      if (error.status !== undefined) return { kind: 'status', status: error.status }
      return error.code === 'unauthorized' ? { kind: 'credential' } : undefined
  }
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
