/**
 * What an answer of a site, or its absence, proves. Pure: from the error of the client to the words of the gateway.
 *
 * Surely not created: no byte was sent, or the site said no (3xx, 4xx). Anybody's guess: a timeout, a broken connection, 5xx, an answer that
 * cannot be read, and 408, which a proxy may say of a request that went on.
 */
import { ApiError } from '@portolan/ga4gh'
import type { OfferAnswer, SiteFailure, WithdrawAnswer } from './gateway.ts'

const DETAIL_CHARACTERS = 500

function detailOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.length <= DETAIL_CHARACTERS ? text : `${text.slice(0, DETAIL_CHARACTERS - 1)}…`
}

/** What a submission that did not bring back an id proves. */
export function judgeOffer(error: unknown): OfferAnswer {
  const detail = detailOf(error)
  if (!(error instanceof ApiError) || error.delivery === 'unknown' || error.status === 408) return { outcome: 'ambiguous', detail }
  // Without a status and yet refused: the client's own check found the document wrong.
  if (error.delivery === 'not_sent') return { outcome: 'rejected', rejection: error.code === 'bad_request' ? 'document' : 'unsent', detail }
  switch (error.code) {
    case 'unauthorized':
    case 'forbidden':
      return { outcome: 'rejected', rejection: 'auth', detail }
    case 'too_many_requests':
      return { outcome: 'rejected', rejection: 'busy', detail, ...retryAfterOf(error) }
    case 'bad_request':
    case 'too_large':
      return { outcome: 'rejected', rejection: 'document', detail }
    case 'not_found':
    case 'conflict':
    case 'client_error':
    case 'redirected':
      return { outcome: 'rejected', rejection: 'refused', detail }
    case 'unreachable':
    case 'timeout':
    case 'aborted':
    case 'connection_lost':
    case 'server_error':
    case 'unreadable':
      return { outcome: 'ambiguous', detail }
  }
}

/** How a request that asks failed. */
export function judgeFailure(error: unknown): SiteFailure {
  const detail = detailOf(error)
  if (!(error instanceof ApiError)) return { kind: 'unreadable', detail }
  switch (error.code) {
    case 'unauthorized':
    case 'forbidden':
      return { kind: 'auth', detail }
    case 'too_many_requests':
      return { kind: 'busy', detail, ...retryAfterOf(error) }
    case 'timeout':
    case 'aborted':
      return { kind: 'timeout', detail }
    case 'unreachable':
    case 'connection_lost':
      return { kind: 'unreachable', detail }
    case 'server_error':
      return error.status === 503 && error.retryAfterMs !== undefined
        ? { kind: 'busy', detail, ...retryAfterOf(error) }
        : { kind: 'server', detail }
    case 'unreadable':
    case 'redirected':
    case 'bad_request':
    case 'not_found':
    case 'conflict':
    case 'too_large':
    case 'client_error':
      return { kind: 'unreadable', detail }
  }
}

/** What the answer to a cancel means. TES-K says 400 for a task that has ended; others 404 or 409: read it again. */
export function judgeWithdraw(error: unknown): WithdrawAnswer {
  if (error instanceof ApiError && (error.code === 'bad_request' || error.code === 'conflict' || error.code === 'not_found')) {
    return { outcome: 'refused', detail: detailOf(error) }
  }
  return { outcome: 'failed', failure: judgeFailure(error) }
}

function retryAfterOf(error: ApiError): { retryAfterMs?: number } {
  return error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
}
