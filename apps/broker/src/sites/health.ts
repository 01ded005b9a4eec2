/**
 * The health port: whether a site may be asked now, by the class of what is asked, so that a broken submit never stops tracking.
 * Crash: in memory only; a restart asks again. Two callers: every record counts.
 */
import type { SiteTrouble } from '@portolan/federation'

export const SITE_OPERATIONS = ['submit', 'list', 'get', 'cancel'] as const
export type SiteOperation = (typeof SITE_OPERATIONS)[number]

/** How a request failed. `refused`: the site answered and said no to this one request, which says nothing against the site. */
export interface OperationFailure {
  readonly kind: 'unreachable' | 'timeout' | 'auth' | 'busy' | 'server' | 'unreadable' | 'refused'
  readonly retryAfterMs?: number | undefined
  /** For people. */
  readonly trouble?: SiteTrouble | undefined
}

export interface SiteHealth {
  /** True if such a request may be sent now: the breaker is closed, or it is time to try. */
  may(operation: SiteOperation): boolean
  /** Notes how a request ended; without a failure it was answered. */
  record(operation: SiteOperation, failure: OperationFailure | undefined): void
  /** `unknown` before the first answer; `down` while its tasks cannot be listed. */
  state(): 'up' | 'down' | 'unknown'
  /** How the last request of the operation failed; undefined once it was answered. */
  trouble(operation: SiteOperation): SiteTrouble | undefined
  /** When the next closed operation may be tried, ms since 1970; undefined if none is closed. */
  nextAt(): number | undefined
}
