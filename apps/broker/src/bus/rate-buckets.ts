/**
 * The port of the rate buckets: how often somebody asked lately. It may lose any of them at any moment, which lets somebody ask more often and
 * nothing worse. Crash: all buckets are full again. Two callers: each token is taken once. Bounded: where too many are kept, the fullest go.
 */
import type { BucketUse } from '../auth/limits/door-limits.ts'

export type Admission = { readonly outcome: 'admitted' } | { readonly outcome: 'refused'; readonly waitMs: number }

export interface RateBuckets {
  /** Takes one from every bucket, or, if one of them has none left, from none. */
  take(uses: readonly BucketUse[], now: number): Admission | Promise<Admission>
  /** Takes one from every bucket in any case; answers how many ms late to answer, `MOST_DELAY_MS` at most. */
  takeLate(uses: readonly BucketUse[], now: number): number | Promise<number>
  /** Whether every bucket has one left; takes nothing. */
  peek(uses: readonly BucketUse[], now: number): Admission | Promise<Admission>
}
