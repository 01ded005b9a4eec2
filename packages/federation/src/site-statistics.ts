/**
 * What a site's past tells of its future: how long tasks wait there, how fast its queue drains, how often it fails, and how fast bytes come. Every
 * figure is given as an integer and fades with time, so that the same history gives the same figures. Feeds `SiteStatus`.
 */
import type { LocationId } from './ids.ts'
import { declaredRate, type LearnedRate, learnRate, readRate, type Transfer } from './learn-rate.ts'
import type { Site, SiteStatus } from './site.ts'

/** Waits: each new one weighs a quarter, so that four waits forget a little over two thirds of what was. */
const WAIT_WEIGHT = 4
/** Failures and attempts lose half of their weight in an hour, ms. */
export const FAILURE_HALF_LIFE_MS = 3_600_000
const STEPS_PER_HALF_LIFE = 64
const STEP_MS = FAILURE_HALF_LIFE_MS / STEPS_PER_HALF_LIFE
/** The 64th root of a half, in millionths. */
const STEP_FACTOR = 989_228
const STEP_FACTOR_UNIT = 1_000_000
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
  /** By the location that bytes came from. */
  readonly links: ReadonlyMap<LocationId, LearnedRate>
}

export function startStatistics(at: number): SiteStatistics {
  return { waitMs: 0, dispatchedSince: 0, drainMs: 0, failuresMilli: 0, attemptsMilli: 0, decayedAt: at, links: new Map() }
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
  const { failuresMilli, attemptsMilli, decayedAt } = decayStatistics(statistics, at)
  return { ...statistics, decayedAt, failuresMilli: failuresMilli + (failed ? MILLI : 0), attemptsMilli: attemptsMilli + MILLI }
}

/** Bytes have come to the site; told at `at`. */
export function countTransfer(statistics: SiteStatistics, site: Site, transfer: Transfer, at: number): SiteStatistics {
  const { location } = transfer
  const learned = learnRate(statistics.links.get(location), transfer, declaredRate(site, location), at)
  return { ...statistics, links: new Map(statistics.links).set(location, learned) }
}

/** The figures of a placement at `at`. */
export function describeStatistics(
  statistics: SiteStatistics,
  site: Site,
  at: number,
): Pick<SiteStatus, 'waitMs' | 'dispatchedSince' | 'drainMs' | 'failuresMilli' | 'attemptsMilli' | 'learned'> {
  const { waitMs, dispatchedSince, drainMs, links } = statistics
  const { failuresMilli, attemptsMilli } = decayStatistics(statistics, at)
  const figures = { waitMs, dispatchedSince, drainMs, failuresMilli, attemptsMilli }
  if (links.size === 0) return figures
  const learned = [...links].map(([location, rate]) => [location, readRate(rate, declaredRate(site, location), at)] as const)
  return { ...figures, learned: Object.fromEntries(learned) }
}

function decayStatistics(statistics: SiteStatistics, at: number): Pick<SiteStatistics, 'failuresMilli' | 'attemptsMilli' | 'decayedAt'> {
  const { failuresMilli, attemptsMilli, decayedAt } = statistics
  const steps = Math.max(0, Math.floor((at - decayedAt) / STEP_MS))
  return { failuresMilli: decay(failuresMilli, steps), attemptsMilli: decay(attemptsMilli, steps), decayedAt: decayedAt + steps * STEP_MS }
}

/** Decay goes by whole steps, so that it is the same however often it is asked for. */
function decay(value: number, steps: number): number {
  const halvings = Math.floor(steps / STEPS_PER_HALF_LIFE)
  if (halvings > 52) return 0
  let rest = Math.floor(value / 2 ** halvings)
  for (let step = halvings * STEPS_PER_HALF_LIFE; step < steps; step += 1) rest = Math.floor((rest * STEP_FACTOR) / STEP_FACTOR_UNIT)
  return rest
}

function average(known: number, next: number): number {
  return known === 0 ? next : known + Math.trunc((next - known) / WAIT_WEIGHT)
}
