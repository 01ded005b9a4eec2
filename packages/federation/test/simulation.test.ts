import { beforeAll, describe, expect, it } from 'vitest'
import { simulate } from './simulation/simulate.ts'
import type { Invariant, Mistake, Violation } from './simulation/world.ts'

const USUAL = 600

/** `SEED=17` plays one seed again, `SEEDS=20000` plays more of them; both together play so many from that one on. `pnpm sim` sets them. */
const SEEDS = seedsFrom(Number(process.env.SEED ?? 1), Number(process.env.SEEDS ?? (process.env.SEED === undefined ? USUAL : 1)))

function seedsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => first + n)
}

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

  it('has met every fault and every state, unless fewer seeds than usual were played', () => {
    const missed = HAPPENINGS.filter(name => !counts.has(name))
    expect(SEEDS.length >= USUAL ? missed : []).toEqual([])
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
    expect(seedsFrom(1, USUAL).find(finds)).toBeDefined()
  })
})
