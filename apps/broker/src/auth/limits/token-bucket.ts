/**
 * Token buckets: so many requests at once, so many a second from then on. Pure; a bucket is two numbers, and none at all is a full one. A create
 * or a login over the limit is refused with the seconds to wait; a poll is only answered late, since engines give a task up after one refusal.
 */

/** Times are ms since 1970. `level` may be below zero: what late answers have taken ahead. */
export interface Bucket {
  readonly level: number
  readonly at: number
}

export interface BucketRule {
  /** At once. */
  readonly burst: number
  /** From then on. */
  readonly perSecond: number
}

export type Taken =
  | { readonly outcome: 'taken'; readonly bucket: Bucket }
  /** `waitMs`: until one would be taken, if nobody else comes. */
  | { readonly outcome: 'refused'; readonly bucket: Bucket; readonly waitMs: number }

/** A poll waits no longer, however many come. */
export const MOST_DELAY_MS = 2_000

/**
 * Takes `count`, or says how long to wait. A refusal takes nothing: who asks too often is not locked out for longer. What costs more than a full bucket
 * takes a full one.
 */
export function takeToken(bucket: Bucket | undefined, rule: BucketRule, now: number, count = 1): Taken {
  const filled = fill(bucket, rule, now)
  const cost = Math.min(count, rule.burst)
  if (filled.level >= cost) return { outcome: 'taken', bucket: { ...filled, level: filled.level - cost } }
  return { outcome: 'refused', bucket: filled, waitMs: Math.ceil(((cost - filled.level) / rule.perSecond) * 1_000) }
}

/** Takes one in any case, and says how late to answer: 0 within the limit, and never more than `MOST_DELAY_MS`. */
export function takeLate(bucket: Bucket | undefined, rule: BucketRule, now: number): { readonly bucket: Bucket; readonly delayMs: number } {
  const filled = fill(bucket, rule, now)
  const deepest = -(MOST_DELAY_MS / 1_000) * rule.perSecond
  const level = Math.max(filled.level - 1, deepest)
  const delayMs = level >= 0 ? 0 : Math.min(Math.ceil((-level / rule.perSecond) * 1_000), MOST_DELAY_MS)
  return { bucket: { ...filled, level }, delayMs }
}

/** Puts one back that was taken. */
export function putBack(bucket: Bucket, rule: BucketRule, now: number): Bucket {
  const filled = fill(bucket, rule, now)
  return { ...filled, level: Math.min(rule.burst, filled.level + 1) }
}

/** The bucket as it is now. A clock that was set back fills nothing, and takes nothing away. */
export function fill(bucket: Bucket | undefined, { burst, perSecond }: BucketRule, now: number): Bucket {
  if (!bucket) return { level: burst, at: now }
  const passedMs = Math.max(0, now - bucket.at)
  return { level: Math.min(burst, bucket.level + (passedMs / 1_000) * perSecond), at: now }
}

/** The value of `Retry-After`. */
export function retryAfter(waitMs: number): string {
  return String(Math.max(1, Math.ceil(waitMs / 1_000)))
}
