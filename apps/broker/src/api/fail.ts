/**
 * Turns whatever a route throws into one JSON answer. What nobody expected is logged with its request id, and its text never leaves.
 */
import { describeError, HttpProblem } from '@portolan/tes/server'
import { StoreUnavailable } from '../stores/store.ts'
import { Refusal } from './refusal.ts'

const RETRY_AFTER_SECONDS = 5

export interface FailureLog {
  error(fields: { readonly requestId: string; readonly err?: unknown }, message: string): void
  /** What failed by nobody's fault here. */
  info(fields: { readonly requestId: string }, message: string): void
}

export function describeFailure(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error
  if (error instanceof StoreUnavailable) {
    return new Refusal('store-unavailable', undefined, { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) }, cause: error })
  }
  return describeError(error)
}
