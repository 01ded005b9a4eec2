/**
 * How often a site is listed: as often as is wished, and less often where its listings take long, so that the broker is not its main burden.
 */
import type { Site } from './site.ts'
import type { SweepRecord } from './tracking.ts'

/** Never more than this part of the time is spent in sweeps, unless they take very long. */
const SWEEP_SHARE = 10
const SWEEP_INTERVAL_MAX_MS = 300_000

/** From the start of the last sweep to the start of the next, ms. One that failed says nothing of how long a listing takes. */
export function sweepIntervalMs({ startedAt, endedAt, complete }: SweepRecord, { tracking }: Site): number {
  if (!complete) return tracking.sweepMs
  return Math.max(tracking.sweepMs, Math.min(SWEEP_SHARE * (endedAt - startedAt), SWEEP_INTERVAL_MAX_MS))
}
