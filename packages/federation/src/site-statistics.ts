/**
 * What a site's past tells of its future: how long tasks wait there, how fast its queue drains, how often it fails. Everything is an integer and
 * every figure fades with time, so that the same history gives the same figures on every machine. Feeds `SiteStatus`.
 */
import type { SiteStatus } from './site.ts'

/** Waits: each new one weighs a quarter, so that four waits forget a little over two thirds of what was. */
const WAIT_WEIGHT = 4
/** Failures and attempts lose half of their weight in an hour, ms. */
export const FAILURE_HALF_LIFE_MS = 3_600_000
const MILLI = 1000

export interface SiteStatistics {
  readonly waitMs: number
  /** Dispatches since `waitMs` last changed, and the usual time between two starts, ms. */
  readonly dispatchedSince: number
  readonly drainMs: number
  /** In thousandths, as of `decayedAt`. */
  readonly failuresMilli: number
  readonly attemptsMilli: number
  /** ms since 1970. */
  readonly decayedAt: number
  readonly lastStartAt?: number | undefined
}

export function startStatistics(at: number): SiteStatistics {
  return { waitMs: 0, dispatchedSince: 0, drainMs: 0, failuresMilli: 0, attemptsMilli: 0, decayedAt: at }
}

/** A task was sent there. */
export function countDispatch(statistics: SiteStatistics): SiteStatistics {
  return { ...statistics, dispatchedSince: statistics.dispatchedSince + 1 }
}

/** A task began to run at `at` after it had waited `waitedMs` since its acceptance. */
export function countStart(statistics: SiteStatistics, waitedMs: number, at: number): SiteStatistics {
  const { lastStartAt, drainMs, waitMs } = statistics
  const drained = lastStartAt === undefined ? drainMs : average(drainMs, Math.max(0, at - lastStartAt))
  return { ...statistics, waitMs: average(waitMs, Math.max(0, waitedMs)), drainMs: drained, dispatchedSince: 0, lastStartAt: at }
}

/** An attempt ended at `at`; `failed` if that is charged to the site. */
export function countEnd(statistics: SiteStatistics, failed: boolean, at: number): SiteStatistics {
  const { failuresMilli, attemptsMilli } = decayStatistics(statistics, at)
  const decayedAt = Math.max(at, statistics.decayedAt)
  return { ...statistics, decayedAt, failuresMilli: failuresMilli + (failed ? MILLI : 0), attemptsMilli: attemptsMilli + MILLI }
}

/** The figures of a placement at `at`. */
export function describeStatistics(
  statistics: SiteStatistics,
  at: number,
): Pick<SiteStatus, 'waitMs' | 'dispatchedSince' | 'drainMs' | 'failuresMilli' | 'attemptsMilli'> {
  const { waitMs, dispatchedSince, drainMs } = statistics
  return { waitMs, dispatchedSince, drainMs, ...decayStatistics(statistics, at) }
}

function decayStatistics(
  { failuresMilli, attemptsMilli, decayedAt }: SiteStatistics,
  at: number,
): Pick<SiteStatistics, 'failuresMilli' | 'attemptsMilli'> {
  const age = Math.max(0, at - decayedAt)
  return { failuresMilli: halve(failuresMilli, age), attemptsMilli: halve(attemptsMilli, age) }
}

/** Whole half-lives halve; the rest falls along the chord of the curve, which needs no power function and errs by 6 % at most. */
function halve(value: number, age: number): number {
  const halvings = Math.floor(age / FAILURE_HALF_LIFE_MS)
  if (halvings > 52) return 0
  const rest = age - halvings * FAILURE_HALF_LIFE_MS
  const whole = value / 2 ** halvings
  return Math.floor((whole * (2 * FAILURE_HALF_LIFE_MS - rest)) / (2 * FAILURE_HALF_LIFE_MS))
}

function average(known: number, next: number): number {
  return known === 0 ? next : known + Math.trunc((next - known) / WAIT_WEIGHT)
}
