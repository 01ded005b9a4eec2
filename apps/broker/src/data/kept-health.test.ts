import type { LocationId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { createLocationHealth } from './kept-health.ts'
import type { StoreFailure } from './object-store.ts'

const A = 'a' as LocationId
const failure = (kind: StoreFailure['kind']): StoreFailure => ({ kind, detail: 'x' })

function make() {
  const clock = { now: 1_000_000 }
  const health = createLocationHealth(() => clock.now)
  const fail = (times: number, kind: StoreFailure['kind'] = 'timeout'): void => {
    for (let count = 0; count < times; count++) health.record(A, failure(kind))
  }
  return { clock, health, fail }
}

describe('a location', () => {
  it('is unknown until it is asked, and up once it has answered', () => {
    const { health } = make()
    expect([health.condition(A), health.may(A)]).toEqual([{ state: 'unknown' }, true])
    health.record(A, undefined)
    expect(health.condition(A)).toEqual({ state: 'up' })
  })

  it('that is silent twice is asked again, and three times is left in peace', () => {
    const { health, fail } = make()
    health.record(A, undefined)
    fail(2)
    expect([health.condition(A).state, health.may(A)]).toEqual(['up', true])
    fail(1)
    expect([health.condition(A), health.may(A)]).toEqual([{ state: 'down', trouble: 'it gives no answer in time' }, false])
  })

  it('that answers between its silences is not left', () => {
    const { health, fail } = make()
    fail(2)
    health.record(A, undefined)
    fail(2)
    expect(health.may(A)).toBe(true)
  })

  it('is looked at by one asker at a time after its rest, which grows to five minutes', () => {
    const { clock, health, fail } = make()
    fail(3)
    for (const rest of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      clock.now += rest - 1
      expect(health.may(A)).toBe(false)
      clock.now += 1
      expect([health.may(A), health.may(A)]).toEqual([true, false])
      fail(1)
    }
  })

  it('rests no longer for requests that were under way when it fell silent', () => {
    const { clock, health, fail } = make()
    fail(16)
    clock.now += 10_000
    expect(health.may(A)).toBe(true)
  })

  it('whose asker has told nothing may be looked at again', () => {
    const { clock, health, fail } = make()
    fail(3)
    clock.now += 10_000
    expect(health.may(A)).toBe(true)
    clock.now += 10_000
    expect(health.may(A)).toBe(true)
  })

  it('is up at its first answer', () => {
    const { clock, health, fail } = make()
    fail(3)
    clock.now += 10_000
    health.may(A)
    health.record(A, undefined)
    expect([health.condition(A), health.may(A)]).toEqual([{ state: 'up' }, true])
  })

  it('that refuses the broker is down, and still asked: that costs no time', () => {
    const { health, fail } = make()
    fail(3, 'auth')
    expect([health.condition(A), health.may(A)]).toEqual([{ state: 'down', trouble: 'it refuses the broker' }, true])
  })

  it('that cannot do one thing has answered', () => {
    const { health, fail } = make()
    fail(5, 'unsupported')
    expect(health.condition(A)).toEqual({ state: 'up' })
  })
})
