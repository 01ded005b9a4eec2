/**
 * The port of the rate buckets: how often somebody asked lately. It may lose any of them at any moment, which lets somebody ask more often and
 * nothing worse. Crash: all buckets are full again. Two callers: each token is taken once. Bounded: where too many are kept, the fullest go.
 */
import type { BucketUse } from '../auth/limits/door-rules.ts'

export type Admission = { readonly outcome: 'admitted' } | { readonly outcome: 'refused'; readonly waitMs: number }

export interface RateBuckets {
  /** Takes `count` from every bucket, one if nothing is said, or, if one of them has too few left, from none. */
  take(uses: readonly BucketUse[], now: number, count?: number): Admission | Promise<Admission>
  /** Puts one back into every bucket: what was taken has turned out not to count. */
  giveBack(uses: readonly BucketUse[], now: number): void | Promise<void>
  /**
   * Takes one from each bucket in turn, empty or not, and stops at the first that was empty; answers how many ms late to answer, `MOST_DELAY_MS` at
   * most. So who is over a limit of their own uses up nothing of what they share with others.
   */
  takeLate(uses: readonly BucketUse[], now: number): number | Promise<number>
}
