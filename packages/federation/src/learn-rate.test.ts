import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildInput, buildLocation, buildSite, buildSnapshot, buildStatus, buildWork, locationId } from '../test/build.ts'
import { findTransfer, learnRate, RATE_HALF_LIFE_MS, readRate, readRateNumber, roundRate, writeRate } from './learn-rate.ts'
import { place } from './place.ts'
import { countTransfer, describeStatistics, startStatistics } from './site-statistics.ts'
import type { LocatedInput } from './work.ts'

const T0 = 1_800_000_000_000
const HOUR = 3_600_000
const far = locationId('far')
/** 100 Mbit/s from everywhere; holds what is at `own`. */
const SITE = buildSite('a', { holds: [locationId('own')] })
const big = (at: readonly string[], more: Partial<LocatedInput> = {}) => buildInput('x', at, { bytes: 100_000_000, ...more })

describe('what a staging says of a link', () => {
  const rows: readonly [string, readonly LocatedInput[], number, object | undefined][] = [
    ['all that came from one location in so long', [big(['far'])], 10_000, { location: 'far', bytes: 100_000_000, files: 1, ms: 10_000 }],
    [
      'also where a tenth came from elsewhere',
      [big(['far'], { bytes: 9e7 }), big(['near'], { bytes: 1e7 })],
      10_000,
      { location: 'far', bytes: 1e8 },
    ],
    ['nothing where more came from elsewhere', [big(['far'], { bytes: 8e7 }), big(['near'], { bytes: 2e7 })], 10_000, undefined],
    ['nothing where more came from under no declared location', [big(['far'], { bytes: 8e7 }), big([], { bytes: 2e7 })], 10_000, undefined],
    ['without what the site holds', [big(['far']), big(['own'], { bytes: 1e12 })], 10_000, { bytes: 1e8 }],
    ['without what it holds a replica of', [big(['far']), big(['far', 'own'], { bytes: 1e12 })], 10_000, { bytes: 1e8 }],
    ['without inline content', [big(['far']), big([], { url: undefined, bytes: 1e9 })], 10_000, { bytes: 1e8 }],
    ['nothing where the bytes could have come by two links', [big(['far', 'near'])], 10_000, undefined],
    ['nothing where nobody knows how many came', [big(['far']), big(['far'], { assumed: true })], 10_000, undefined],
    ['nothing in less than a second', [big(['far'])], 999, undefined],
    ['nothing of less than a megabyte', [big(['far'], { bytes: 999_999 })], 10_000, undefined],
    ['nothing where the site does not say when it began', [big(['far'])], Number.NaN, undefined],
    ['nothing where no byte came', [], 10_000, undefined],
  ]
  it.each(rows)('%s', (_sentence, inputs, ms, expected) => {
    const found = findTransfer(SITE, inputs, ms)
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(expected)
  })
})

const DECLARED = 100_000
/** `rate` in bits per ms, without a price for files. */
const seen = (rate: number) => ({ location: far, bytes: (rate * 10_000) / 8, files: 0, ms: 10_000 })
const after = (rates: readonly number[], at = T0) =>
  rates.reduce<ReturnType<typeof learnRate> | undefined>((known, rate) => learnRate(known, seen(rate), DECLARED, T0), undefined) ?? {
    sum: 0,
    weight: 0,
    at,
  }
const nearly = (rate: number) => roundRate(rate)

describe('a learned rate', () => {
  const rows: readonly [string, readonly number[], number, number][] = [
    ['is what was declared before anything came', [], T0, 100_000],
    ['is half way (in doublings) after one transfer at a quarter', [25_000], T0, 50_000],
    ['nears what is seen with each transfer', Array(15).fill(25_000), T0, 27_263],
    ['goes half of the way back in six hours', Array(15).fill(25_000), T0 + RATE_HALF_LIFE_MS, 29_432],
    ['goes all the way back in a month', Array(15).fill(25_000), T0 + 720 * HOUR, 100_000],
    ['believes no rate below a hundredth of what was declared', Array(1_000).fill(0.001), T0, 1_004],
    ['believes none above a hundred times', Array(1_000).fill(1e12), T0, 9_954_000],
  ]
  it.each(rows)('%s', (_sentence, rates, at, expected) => {
    const rate = readRate(after(rates), DECLARED, at)
    expect(Math.abs(rate - expected) / expected).toBeLessThan(1 / 30)
  })

  it('is that of the bytes, without what each file costs, but for a tenth at least', () => {
    const learn = (files: number) => readRate(learnRate(undefined, { location: far, bytes: 1e7, files, ms: 10_000 }, 8_000, T0), 8_000, T0)
    expect([learn(0), learn(50), learn(1_000)]).toEqual([nearly(8_000), nearly(8_000 * 2 ** 0.5), nearly(8_000 * 10 ** 0.5)])
  })

  it('is the same however often it is asked for, and older news do not turn the clock back', () => {
    const known = learnRate(undefined, seen(25_000), DECLARED, T0)
    expect(readRate(known, DECLARED, T0 - HOUR)).toBe(readRate(known, DECLARED, T0))
    expect(learnRate(known, seen(25_000), DECLARED, T0 - HOUR).at).toBe(T0)
  })

  it('has a number that gives it again within 1/32, and itself from then on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), rate => {
        const kept = roundRate(rate)
        expect(kept).toBeLessThanOrEqual(rate)
        expect(rate - kept).toBeLessThanOrEqual(rate / 32)
        expect(readRateNumber(writeRate(kept))).toBe(kept)
      }),
    )
    expect([writeRate(Number.NaN), writeRate(-1), writeRate(0), readRateNumber(0)]).toEqual([0, 0, 0, 0])
  })
})

describe('a placement', () => {
  const sites = ['a', 'b'].map(id => buildSite(id, { network: { defaultMbps: 100, from: id === 'a' ? { [far]: 200 } : {} } }))
  const work = buildWork({ inputs: [buildInput('x', ['far'], { bytes: 1e10 })] })
  const decide = (learned: Record<string, number>, holds: readonly string[] = []) =>
    place(
      buildSnapshot(
        sites.map(site => ({ site: { ...site, holds: holds.map(locationId) }, status: buildStatus(site.id === 'a' ? { learned } : {}) })),
        { locations: [buildLocation('far')] },
      ),
      work,
    )

  it('goes by what was declared until something else was seen', () => {
    expect([decide({}).chosen, decide({ far: 50_000 }).chosen, decide({ far: 150_000 }).chosen]).toEqual(['a', 'b', 'a'])
    expect(decide({ far: 50_000 }).sites[0]?.terms?.transferMs).toBe(Math.ceil(8e10 / roundRate(50_000)) + 100)
  })

  it('moves nothing that a site holds, whatever was seen before', () => {
    expect(decide({ far: 50_000 }, ['far']).sites[0]?.terms).toMatchObject({ transferMs: 0, bytesToMove: 0 })
  })

  it('is not led astray by a location of an odd name, or a rate of nothing', () => {
    expect(decide({ constructor: 5, far: 0 }).chosen).toBe('a')
  })
})

it('the statistics of a site hold a rate for each location', () => {
  const one = countTransfer(startStatistics(T0), SITE, seen(25_000), T0)
  const two = countTransfer(one, SITE, { ...seen(400_000), location: locationId('near') }, T0)
  expect(describeStatistics(startStatistics(T0), SITE, T0)).not.toHaveProperty('learned')
  expect(describeStatistics(two, SITE, T0).learned).toEqual({ far: nearly(50_000), near: nearly(200_000) })
})
