/**
 * Whose fault was it? What a fenced attempt means for the next one.
 */
import type { Attempt } from './attempt.ts'

export type Charge =
  /** The work item ends with this attempt. */
  | 'end'
  /** The site has failed: it is not asked again, and a retry is used up. */
  | 'site'
  /** The site never had it: sent again to the same site first. */
  | 'resend'
  /** Nobody's: placed anew, and any site may be chosen. */
  | 'nobody'

/** The charge of a fenced attempt. `earlier` are the attempts of the same work item before it. */
export function chargeOf(attempt: Attempt, earlier: readonly Attempt[], rerunnable: boolean): Charge {
  // Whatever came of the cancel: somewhere else it would run as long.
  if (attempt.overrun !== undefined) return 'end'
  switch (attempt.end?.outcome) {
    case 'COMPLETE':
    case 'EXECUTOR_ERROR':
      return 'end'
    case 'CANCELED':
      return attempt.cancelWantedAt === undefined ? 'end' : 'nobody'
    case 'SYSTEM_ERROR':
    case 'PREEMPTED':
    case 'GIVEN_UP':
      return 'site'
    case 'MISSING':
      return attempt.everRan && !rerunnable ? 'end' : 'site'
    case 'ABSENT':
      return earlier.some(other => other.site === attempt.site && other.end?.outcome === 'ABSENT') ? 'site' : 'resend'
    case 'REJECTED':
      if (attempt.end.rejection === 'document') return 'end'
      return attempt.end.rejection === 'refused' ? 'site' : 'nobody'
    case 'UNSENT':
    case undefined:
      return 'nobody'
  }
}
