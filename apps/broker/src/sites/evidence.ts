/**
 * What an answer of a site, or its absence, proves. Pure: from the error of the client to the words of the gateway.
 *
 * Surely not created: no byte was sent, or the site said no (3xx, 4xx). Anybody's guess: a timeout, a broken connection, 5xx, an answer that
 * cannot be read, and 408, which a proxy may say of a request that went on.
 */
import type { SiteTrouble } from '@portolan/federation'
import { ApiError } from '@portolan/ga4gh'
import { findTokenFailure } from '../http/token-failure.ts'
import type { OfferAnswer, SiteFailure, WithdrawAnswer } from './gateway.ts'
import { troubleOf } from './trouble.ts'

const DETAIL_CHARACTERS = 500

function detailOf(error: unknown): string {
  const failure = findTokenFailure(error) ?? error
  const text = failure instanceof Error ? failure.message : String(failure)
  return text.length <= DETAIL_CHARACTERS ? text : `${text.slice(0, DETAIL_CHARACTERS - 1)}…`
}

/** What a submission that did not bring back an id proves. */
export function judgeOffer(error: unknown): OfferAnswer {
  const evidence = evidenceOf(error)
  if (findTokenFailure(error)?.kind === 'person') return { outcome: 'rejected', rejection: 'refused', asked: false, ...evidence }
  if (!(error instanceof ApiError) || error.delivery === 'unknown' || error.status === 408) return { outcome: 'ambiguous', ...evidence }
  // Without a status and yet refused: the client's own check found the document wrong.
  if (error.delivery === 'not_sent')
    return { outcome: 'rejected', rejection: error.code === 'bad_request' ? 'document' : 'unsent', ...evidence }
  switch (error.code) {
    case 'unauthorized':
    case 'forbidden':
      return { outcome: 'rejected', rejection: 'auth', ...evidence }
    case 'too_many_requests':
      return { outcome: 'rejected', rejection: 'busy', ...evidence, ...retryAfterOf(error) }
    case 'bad_request':
    case 'too_large':
      return { outcome: 'rejected', rejection: 'document', ...evidence }
    case 'not_found':
    case 'conflict':
    case 'client_error':
    case 'redirected':
      return { outcome: 'rejected', rejection: 'refused', ...evidence }
    case 'unreachable':
    case 'timeout':
    case 'aborted':
    case 'connection_lost':
    case 'server_error':
    case 'unreadable':
      return { outcome: 'ambiguous', ...evidence }
  }
}

/** How a request that asks failed. */
export function judgeFailure(error: unknown): SiteFailure {
  const evidence = evidenceOf(error)
  if (!(error instanceof ApiError)) return { kind: 'unreadable', ...evidence }
  switch (error.code) {
    case 'unauthorized':
    case 'forbidden':
      return { kind: 'auth', ...evidence }
    case 'too_many_requests':
      return { kind: 'busy', ...evidence, ...retryAfterOf(error) }
    case 'timeout':
    case 'aborted':
      return { kind: 'timeout', ...evidence }
    case 'unreachable':
    case 'connection_lost':
      return { kind: 'unreachable', ...evidence }
    case 'server_error':
      return error.status === 503 && error.retryAfterMs !== undefined
        ? { kind: 'busy', ...evidence, ...retryAfterOf(error) }
        : { kind: 'server', ...evidence }
    case 'unreadable':
    case 'redirected':
    case 'bad_request':
    case 'not_found':
    case 'conflict':
    case 'too_large':
    case 'client_error':
      return { kind: 'unreadable', ...evidence }
  }
}

/** What the answer to a cancel means. TES-K says 400 for a task that has ended; others 404 or 409: read it again. */
export function judgeWithdraw(error: unknown): WithdrawAnswer {
  if (error instanceof ApiError && (error.code === 'bad_request' || error.code === 'conflict' || error.code === 'not_found')) {
    return { outcome: 'refused', detail: detailOf(error) }
  }
  return { outcome: 'failed', failure: judgeFailure(error) }
}

/** What is told of every failure: the client's words for the operator's eyes, and the trouble in a few for everybody's. */
function evidenceOf(error: unknown): { detail: string; trouble?: SiteTrouble } {
  const trouble = troubleOf(error)
  return { detail: detailOf(error), ...(trouble && { trouble }) }
}

function retryAfterOf(error: ApiError): { retryAfterMs?: number } {
  return error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
}
