/**
 * The failure of a request in the words of the SDK. When in doubt the request counts as sent.
 */
import { ApiError } from '@portolan/ga4gh'
import { RequestError, TimeoutError } from 'got'
import { ConnectError } from './connect-error.ts'

/** What a server says in TLS when it will not have our client certificate, or wants one: it has then not looked at any request. */
const CERTIFICATE_ALERT =
  /^ERR_SSL_.*_ALERT_(CERTIFICATE_(REQUIRED|UNKNOWN|EXPIRED|REVOKED)|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|NO_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/

/** `connected`: the request was handed to a connection. */
export function describeFailure(error: unknown, target: string, connected: boolean): ApiError {
  if (error instanceof ApiError) return error
  const connect = findConnectError(error)
  if (connect)
    return new ApiError('unreachable', `${target} cannot be reached: ${connect.message}`, { delivery: 'not_sent', cause: connect })
  const delivery = connected ? 'unknown' : 'not_sent'
  const cause = withoutRequest(error)
  if (error instanceof TimeoutError) return new ApiError('timeout', `${target} took too long (${error.event})`, { delivery, cause })
  const name = error instanceof Error ? error.name : ''
  if (name === 'AbortError') return new ApiError('aborted', `${target} was given up`, { delivery, cause })
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given'
  return new ApiError('connection_lost', `The connection to ${target} broke before the answer was complete (${code})`, { delivery, cause })
}

/** The connection that did not come about, where that is what went wrong. */
function findConnectError(error: unknown): ConnectError | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++) {
    if ('code' in link && CERTIFICATE_ALERT.test(String(link.code))) {
      return new ConnectError('certificate', `it refuses the broker's client certificate, or wants one (${String(link.code)})`)
    }
    if (link instanceof ConnectError && !(link.cause instanceof Error && findConnectError(link.cause))) return link
  }
  return undefined
}

/** got hangs the whole request on its errors, with its credential. */
function withoutRequest(error: unknown): unknown {
  return error instanceof RequestError ? error.cause : error
}
