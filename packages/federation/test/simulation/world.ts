/**
 * What a simulation shares: time, chance, the rules of its sites, what was seen to go wrong, and what happened at all.
 */
import type { Tracking } from '../../src/index.ts'
import { T0 } from '../tracking-builders.ts'
import { Chance, Clock } from './clock.ts'

export const TIMES: Tracking = {
  sweepMs: 2000,
  settleMs: 3000,
  siteTimeoutMs: 2000,
  staleAfterMs: 6000,
  lostAfterMs: 20_000,
  maxRetries: 3,
  measureMs: 1000,
}

/** A mistake that is made on purpose, to see that it is found. */
export type Mistake = 'resendWithoutLooking' | 'forgetIntent' | 'retryBeforeFenced' | 'countOneAbsentSweep'

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I11'

export interface Violation {
  readonly invariant: Invariant
  readonly seed: number
  /** ms since the world began. */
  readonly at: number
  readonly what: string
}

export class World {
  readonly clock = new Clock(T0)
  readonly chance: Chance
  readonly violations: Violation[] = []
  readonly counts = new Map<string, number>()
  faulty = true
  readonly seed: number
  readonly mistake: Mistake | undefined

  constructor(seed: number, mistake: Mistake | undefined) {
    this.seed = seed
    this.mistake = mistake
    this.chance = new Chance(seed)
  }

  /** A fault of this kind happens now; never once the faults have stopped. */
  strikes(name: string, probability: number): boolean {
    const struck = this.chance.is(probability) && this.faulty
    if (struck) this.count(name)
    return struck
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }

  violate(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, seed: this.seed, at: this.clock.now - T0, what })
  }
}
