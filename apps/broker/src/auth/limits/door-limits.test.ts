import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryRateBuckets } from '../../bus/rate-buckets-memory.ts'
import { convertRates, RatesFile } from '../../config/rates-file.ts'
import { createDoorLimits, openDoorLimits } from './door-limits.ts'
import type { DoorRules } from './door-rules.ts'

const DEFAULTS = convertRates(RatesFile.parse({}))
const person = (subject: string) => ({ issuer: 'https://login.example.org/', subject })
const ADDRESS = '203.0.113.7'

function openLimits(rules: DoorRules = DEFAULTS) {
  const clock = { now: 0 }
  const told: string[] = []
  const limits = createDoorLimits({
    buckets: createMemoryRateBuckets(),
    rules,
    observer: { limited: (act, outcome) => void told.push(`${act} ${outcome}`) },
    now: () => clock.now,
  })
  return { limits, clock, told }
}

describe('the limits at the door', () => {
  it('let an engine create a hundred thousand tasks at once, and go on at a hundred a second', async () => {
    const { limits, clock, told } = openLimits()
    for (let count = 0; count < 100_000; count++) await limits.spendCreate(person('ada'), ADDRESS)
    expect(told).toEqual([])
    expect(await limits.spendCreate(person('ada'), ADDRESS)).toEqual({ outcome: 'refused', waitMs: 10 })
    clock.now = 1_000
    for (let count = 0; count < 100; count++) expect(await limits.spendCreate(person('ada'), ADDRESS)).toEqual({ outcome: 'admitted' })
    expect(told).toEqual(['create refused'])
  })

  it('count a person behind all addresses together, and an address for all persons together', async () => {
    const { limits } = openLimits()
    const codes = async (count: number, who: (index: number) => readonly [string, string]) => {
      const outcomes: string[] = []
      for (let index = 0; index < count; index++) {
        const [subject, address] = who(index)
        outcomes.push((await limits.spendCode(address, person(subject))).outcome)
      }
      return outcomes.filter(outcome => outcome === 'admitted').length
    }
    expect(await codes(50, index => ['ada', `10.0.0.${index}`])).toBe(10)
    expect(await codes(50, index => [`p${index}`, ADDRESS])).toBe(10)
  })

  it('do not count a code or a token that turned out right', async () => {
    const { limits, told } = openLimits()
    for (let count = 0; count < 100; count++) {
      expect(await limits.spendCode(ADDRESS, person('ada'))).toEqual({ outcome: 'admitted' })
      await limits.returnCode(ADDRESS, person('ada'))
      for (let token = 0; token < 10; token++) {
        expect(await limits.spendToken(ADDRESS, false)).toEqual({ outcome: 'admitted' })
        await limits.returnToken(ADDRESS)
      }
    }
    expect(told).toEqual([])
  })

  it('T14 keep wrong credentials and wrong codes apart: who guesses tokens shuts nobody behind the address out from typing a code', async () => {
    const { limits } = openLimits()
    for (let count = 0; count < 100; count++) await limits.spendFailure(ADDRESS)
    expect((await limits.spendFailure(ADDRESS)).outcome).toBe('refused')
    expect((await limits.spendCode(ADDRESS, person('ada'))).outcome).toBe('admitted')
  })

  it('T16 let somebody refresh, and tokens be asked about, whatever is begun behind the same address', async () => {
    const { limits } = openLimits()
    for (let count = 0; count < 1_000; count++) await limits.spendLogin(ADDRESS)
    expect((await limits.spendLogin(ADDRESS)).outcome).toBe('refused')
    expect((await limits.spendRefresh(person('ada'))).outcome).toBe('admitted')
    expect((await limits.spendToken(ADDRESS, false)).outcome).toBe('admitted')
  })

  it('T16 neither refuse nor slow a person within their limits, whatever a greedy one does behind the same address', async () => {
    const rules: DoorRules = convertRates(
      RatesFile.parse({
        person: { creates: { atOnce: 5, perMinute: 60 }, polls: { atOnce: 5, perMinute: 600 } },
        address: { creates: { atOnce: 10, perMinute: 120 }, polls: { atOnce: 10, perMinute: 1_200 } },
      }),
    )
    const acts = fc.array(fc.record({ act: fc.constantFrom('create', 'poll', 'rest'), times: fc.integer({ min: 1, max: 40 }) }), {
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(acts, async steps => {
        const { limits, clock, told } = openLimits(rules)
        for (const { act, times } of steps) {
          for (let count = 0; count < times; count++) {
            if (act === 'create') await limits.spendCreate(person('greedy'), ADDRESS)
            else if (act === 'poll') await limits.slowPoll(person('greedy'), ADDRESS)
          }
          clock.now += 1_000
          told.length = 0
          await limits.spendCreate(person('modest'), ADDRESS)
          for (let count = 0; count < 5; count++) await limits.slowPoll(person('modest'), ADDRESS)
          expect(told).toEqual([])
        }
      }),
    )
  })

  it('T16 let the neighbours of a home begin logins, whatever it begins from all its addresses, and bound all of them together', async () => {
    const { limits } = openLimits()
    const begin = async (count: number, network: (index: number) => number) => {
      const outcomes: string[] = []
      for (let index = 0; index < count; index++)
        outcomes.push((await limits.spendLogin(`2001:db8:7:${network(index).toString(16)}::1`)).outcome)
      return outcomes.filter(outcome => outcome === 'admitted').length
    }
    expect(await begin(5_000, index => index % 256)).toBe(600)
    expect(await begin(300, () => 0xff01)).toBe(300)
    expect(await begin(5_000, index => 256 * (1 + (index % 250)))).toBe(600)
  })

  it('are none in open mode', async () => {
    for (let count = 0; count < 500_000; count++) await openDoorLimits.spendCreate(person('local'), '127.0.0.1')
    expect(await openDoorLimits.spendCreate(person('local'), '127.0.0.1')).toEqual({ outcome: 'admitted' })
    expect(await openDoorLimits.slowPoll(person('local'), '127.0.0.1')).toBe(0)
  })
})
