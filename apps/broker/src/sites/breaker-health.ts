/**
 * The health of one site: a breaker for each class of operation, so that a broken submit never stops tracking. A breaker opens after several
 * failures in a row, at once for as long as a busy site asks, and at once for submissions to a site that refuses our credential; then one success closes it and one failure opens it for twice as long.
 * In memory; it only counts and answers, it sends nothing.
 */
import type { Site, SiteTrouble } from '@portolan/federation'
import { ConsecutiveBreaker, ExponentialBackoff, type IBackoff, noJitterGenerator } from 'cockatiel'
import { SITE_OPERATIONS, type SiteHealth, type SiteOperation } from './health.ts'

interface Breaker {
  readonly failures: ConsecutiveBreaker
  backoff: IBackoff<unknown> | undefined
  /** ms since 1970; 0: closed. */
  openUntil: number
  answered: boolean
  trouble: SiteTrouble | undefined
}

const FAILURES_TO_OPEN = 3
const FIRST_PAUSE_MS = 5_000
/** The longest pause, in sweeps: a site that came back is seen within so many. */
const LONGEST_PAUSE_SWEEPS = 10
const LONGEST_RETRY_AFTER_MS = 600_000

/** `now`: ms since 1970. */
export function createSiteHealth(site: Site, now: () => number): SiteHealth {
  const { sweepMs } = site.tracking
  const pauses = new ExponentialBackoff<number>({
    generator: noJitterGenerator,
    initialDelay: Math.min(FIRST_PAUSE_MS, sweepMs),
    maxDelay: LONGEST_PAUSE_SWEEPS * sweepMs,
  })
  const breakers: Record<SiteOperation, Breaker> = { submit: closed(), list: closed(), get: closed(), cancel: closed() }

  return {
    may: operation => breakers[operation].openUntil <= now(),
    record(operation, failure) {
      const breaker = breakers[operation]
      if (!failure || failure.kind === 'refused') {
        breaker.failures.success()
        breaker.backoff = undefined
        breaker.openUntil = 0
        breaker.answered = true
        breaker.trouble = undefined
        return
      }
      breaker.trouble = failure.trouble
      const retryAfterMs = Math.min(failure.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS)
      const opens = breaker.failures.failure()
      // The same credential would be refused again. A listing goes on at its own pace.
      if (opens || (operation === 'submit' && failure.kind === 'auth')) {
        breaker.backoff = breaker.backoff ? breaker.backoff.next(undefined) : pauses.next()
        breaker.openUntil = now() + Math.max(breaker.backoff.duration, retryAfterMs)
      } else if (retryAfterMs > 0) breaker.openUntil = now() + retryAfterMs
    },
    state() {
      if (breakers.list.failures.state >= FAILURES_TO_OPEN) return 'down'
      return SITE_OPERATIONS.some(operation => breakers[operation].answered) ? 'up' : 'unknown'
    },
    trouble: operation => breakers[operation].trouble,
    nextAt() {
      const times = SITE_OPERATIONS.map(operation => breakers[operation].openUntil).filter(until => until > now())
      return times.length === 0 ? undefined : Math.min(...times)
    },
  }
}

function closed(): Breaker {
  return { failures: new ConsecutiveBreaker(FAILURES_TO_OPEN), backoff: undefined, openUntil: 0, answered: false, trouble: undefined }
}
