/**
 * How fast bytes come to a site from a location, learned from what was staged there. What was declared is the beginning and weighs as much as one
 * transfer; what was seen loses half of its weight in six hours, so that a site of which nothing is heard goes back to what was declared.
 */
import type { LocationId } from './ids.ts'
import type { Site } from './site.ts'
import type { LocatedInput } from './work.ts'

/** Of one link: the weighted sum of the logarithms (base 2) of what was seen, and the weights, as of `at`. */
export interface LearnedRate {
  readonly sum: number
  readonly weight: number
  /** ms since 1970. */
  readonly at: number
}

/** Bytes that came to a site from one location, in ms. */
export interface Transfer {
  readonly location: LocationId
  readonly bytes: number
  readonly files: number
  readonly ms: number
}

export const RATE_HALF_LIFE_MS = 6 * 3_600_000
/** Each file costs this much beside its bytes. */
export const PER_FILE_MS = 100
/** Below, starting takes most of the time. */
const SHORTEST_MS = 1_000
const FEWEST_BYTES = 1_000_000
/** What came from elsewhere may be a tenth. */
const LEAST_SHARE = 0.9
/** How far from what was declared a rate may be believed. */
const MOST_FACTOR = 100

/** Megabits (10^6) per second are thousands of bits per ms. Never zero: a link that is declared has some speed. */
export function bitsPerMs(mbps: number): number {
  return Math.max(1, Math.round(mbps * 1000))
}

/** Bits per ms from a location, as the operator says. */
export function declaredRate({ network }: Site, location: LocationId): number {
  return bitsPerMs(Object.hasOwn(network.from, location) ? (network.from[location] ?? network.defaultMbps) : network.defaultMbps)
}

/**
 * What the staging of a task says of one link. Undefined where it says too little: it was short or small, or nobody knows how much came, or by which link.
 * `inputs` as the locators know them.
 */
export function findTransfer(site: Site, inputs: readonly LocatedInput[], stagingMs: number): Transfer | undefined {
  const moved = inputs.filter(({ url, missing, replicas }) => url !== undefined && missing !== true && !isHeld(site, replicas))
  if (moved.some(({ assumed }) => assumed)) return undefined
  const bytes = sum(moved, input => input.bytes)
  if (!(stagingMs >= SHORTEST_MS) || bytes < FEWEST_BYTES) return undefined
  const shares = new Map<LocationId, number>()
  for (const { replicas, bytes: own } of moved) {
    const [only, ...others] = new Set(replicas.map(({ location }) => location))
    if (only !== undefined && others.length === 0) shares.set(only, (shares.get(only) ?? 0) + own)
  }
  const location = [...shares].find(([, share]) => share >= bytes * LEAST_SHARE)?.[0]
  return location && { location, bytes, files: sum(moved, input => input.files), ms: stagingMs }
}

/** `declared` in bits per ms, as `declaredRate()` has it. */
export function learnRate(known: LearnedRate | undefined, transfer: Transfer, declared: number, at: number): LearnedRate {
  const { bytes, files, ms } = transfer
  // Small files take most of their time for themselves; a tenth is for the bytes all the same.
  const forBytes = Math.max(ms - files * PER_FILE_MS, ms / 10)
  const seen = within((bytes * 8) / forBytes, declared)
  const faded = known === undefined ? { sum: 0, weight: 0 } : fade(known, at)
  return { sum: faded.sum + Math.log2(seen), weight: faded.weight + 1, at: Math.max(at, known?.at ?? at) }
}

/** Bits per ms, at `at`. */
export function readRate(known: LearnedRate, declared: number, at: number): number {
  const { sum: logs, weight } = fade(known, at)
  return roundRate(within(2 ** ((Math.log2(declared) + logs) / (1 + weight)), declared))
}

function fade({ sum: logs, weight, at: from }: LearnedRate, at: number): { readonly sum: number; readonly weight: number } {
  const left = 0.5 ** (Math.max(0, at - from) / RATE_HALF_LIFE_MS)
  return { sum: logs * left, weight: weight * left }
}

function within(rate: number, declared: number): number {
  return Math.min(declared * MOST_FACTOR, Math.max(declared / MOST_FACTOR, rate))
}

const STEPS = 32

/**
 * The number of a rate on a grid of 32 steps for each doubling: what is kept of it with a decision. 0 for what is no rate.
 */
export function writeRate(rate: number): number {
  let whole = Number.isFinite(rate) ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(rate))) : 0
  let doublings = 0
  for (; whole >= 2 * STEPS; whole = Math.floor(whole / 2)) doublings += 1
  return doublings * STEPS + whole
}

export function readRateNumber(number: number): number {
  const doublings = Math.max(0, Math.floor(number / STEPS) - 1)
  return (number - doublings * STEPS) * 2 ** doublings
}

/** The nearest rate below that has a number. */
export function roundRate(rate: number): number {
  return readRateNumber(writeRate(rate))
}

function isHeld({ holds }: Site, replicas: LocatedInput['replicas']): boolean {
  return replicas.some(({ location }) => holds.includes(location))
}

function sum(inputs: readonly LocatedInput[], of: (input: LocatedInput) => number): number {
  return inputs.reduce((total, input) => total + of(input), 0)
}
