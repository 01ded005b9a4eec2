import { beforeAll, describe, expect, it } from 'vitest'
import { simulate } from './simulation/simulate.ts'
import type { Invariant, Mistake, Violation } from './simulation/world.ts'

/** `SEED=17` plays one seed again; `SEEDS=20000` plays more of them. */
const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: Number(process.env.SEEDS ?? 600) }, (_, n) => n + 1)

const INVARIANTS: readonly (readonly [Invariant, string])[] = [
  ['I1', 'a task that was acknowledged is never lost, and its end is true'],
  ['I2', 'at most one unfenced attempt per task'],
  ['I3', 'a terminal state never changes'],
  ['I4', 'every site task that bears our tag is known, adopted or cancelled within two sweeps and the settle time'],
  ['I5', 'after a cancel is acknowledged no new attempt starts'],
  ['I6', 'versions and epochs only rise'],
  ['I7', 'the states a user sees form a legal path'],
  ['I11', 'when faults stop, every task ends within a bound'],
]

/** What has to have happened somewhere, or the simulation shows nothing. */
const HAPPENINGS = [
  'AMBIGUOUS',
  'adopted',
  'ABSENT',
  'resent',
  'reaped',
  'STALE',
  'LOST',
  'givenUp',
  'SUSPECT',
  'MISSING',
  'quarantined',
  'crashed',
  'takenOver',
  'fenced',
  'cancelled',
  'cancelLied',
  'badStateLied',
  'copied',
  'appliedLate',
  'appliedTooLate',
  'leftOut',
  'preempted',
  'overrun',
] as const

describe('a federation in a bad hour', () => {
  const violations: Violation[] = []
  const counts = new Map<string, number>()

  beforeAll(() => {
    for (const seed of SEEDS) {
      const world = simulate(seed)
      violations.push(...world.violations)
      for (const [name, count] of world.counts) counts.set(name, (counts.get(name) ?? 0) + count)
    }
  }, 600_000)

  it.each(INVARIANTS)('%s: %s', invariant => {
    expect(violations.filter(violation => violation.invariant === invariant)).toEqual([])
  })

  it('has met every fault and every state, unless one seed is repeated', () => {
    const missed = HAPPENINGS.filter(name => !counts.has(name))
    expect(SEEDS.length > 1 ? missed : []).toEqual([])
  })
})

describe('the simulation finds', () => {
  it.each<readonly [Mistake, Invariant]>([
    ['resendWithoutLooking', 'I2'],
    ['forgetIntent', 'I2'],
    ['retryBeforeFenced', 'I2'],
    ['countOneAbsentSweep', 'I2'],
  ])('%s', (mistake, invariant) => {
    const finds = (seed: number): boolean => simulate(seed, mistake).violations.some(violation => violation.invariant === invariant)
    expect(SEEDS.find(finds)).toBeDefined()
  })
})
