/**
 * Rate buckets in this process: a table of a fixed size (see `start/collector.ts` for what a growing one costs), with eight places for each slot. A
 * full bucket is as good as none, so where a slot has no place left, the fullest makes room. Slots are chosen by a quick hash with a seed of this
 * process: who guessed it could free their own bucket only by filling eight others.
 */
import { randomInt } from 'node:crypto'
import type { BucketUse } from '../auth/limits/door-rules.ts'
import { type Bucket, type BucketRule, fill, putBack, takeLate, takeToken } from '../auth/limits/token-bucket.ts'
import type { Admission, RateBuckets } from './rate-buckets.ts'

const PLACES = 8
const DEFAULT_SLOTS = 8_192
const SEEDS = 2 ** 32

interface Entry {
  readonly key: string
  readonly rule: BucketRule
  readonly bucket: Bucket
}

export interface MemoryRateBuckets extends RateBuckets {
  take(uses: readonly BucketUse[], now: number, count?: number): Admission
  giveBack(uses: readonly BucketUse[], now: number): void
  takeLate(uses: readonly BucketUse[], now: number): number
}

/** `slots`: a power of two, 65,536 at most; eight times as many buckets fit. */
export function createMemoryRateBuckets(slots: number = DEFAULT_SLOTS): MemoryRateBuckets {
  const seed = randomInt(SEEDS)
  const table: (Entry | undefined)[] = Array.from({ length: slots * PLACES }, () => undefined)
  const firstOf = (key: string): number => (hashOf(key, seed) & (slots - 1)) * PLACES

  function find(key: string, first: number): Bucket | undefined {
    for (let place = first; place < first + PLACES; place++) {
      const entry = table[place]
      if (entry?.key === key) return entry.bucket
    }
    return undefined
  }

  function put(entry: Entry, first: number, now: number): void {
    table[placeFor(table, first, entry.key, now)] = entry
  }

  return {
    take(uses, now, count = 1) {
      const tried = uses.map(({ key, rule }) => {
        const first = firstOf(key)
        return { key, rule, first, taken: takeToken(find(key, first), rule, now, count) }
      })
      const admission = admissionOf(tried.map(({ taken }) => taken))
      if (admission.outcome === 'admitted')
        for (const { key, rule, first, taken } of tried) put({ key, rule, bucket: taken.bucket }, first, now)
      return admission
    },
    giveBack(uses, now) {
      for (const { key, rule } of uses) {
        const first = firstOf(key)
        const bucket = find(key, first)
        if (bucket) put({ key, rule, bucket: putBack(bucket, rule, now) }, first, now)
      }
    },
    takeLate(uses, now) {
      for (const { key, rule } of uses) {
        const first = firstOf(key)
        const { bucket, delayMs } = takeLate(find(key, first), rule, now)
        put({ key, rule, bucket }, first, now)
        if (delayMs > 0) return delayMs
      }
      return 0
    },
  }
}

/** FNV-1a from a seed, with its high bits folded into the low ones. */
function hashOf(key: string, seed: number): number {
  let state = seed
  for (let at = 0; at < key.length; at++) state = Math.imul(state ^ key.charCodeAt(at), 0x01000193)
  return state ^ (state >>> 15)
}

function admissionOf(all: readonly ReturnType<typeof takeToken>[]): Admission {
  const waitMs = Math.max(0, ...all.map(taken => (taken.outcome === 'refused' ? taken.waitMs : 0)))
  return all.every(({ outcome }) => outcome === 'taken') ? { outcome: 'admitted' } : { outcome: 'refused', waitMs }
}

/** The place of the key itself, else an empty one, else that of the bucket which lacks least. */
function placeFor(table: readonly (Entry | undefined)[], first: number, key: string, now: number): number {
  let best = first
  let bestLack = Number.POSITIVE_INFINITY
  for (let place = first; place < first + PLACES; place++) {
    const entry = table[place]
    if (entry?.key === key) return place
    const lack = entry ? 1 - fill(entry.bucket, entry.rule, now).level / entry.rule.burst : Number.NEGATIVE_INFINITY
    if (lack < bestLack) {
      best = place
      bestLack = lack
    }
  }
  return best
}
