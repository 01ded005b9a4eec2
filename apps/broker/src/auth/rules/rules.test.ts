import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Scope } from '../principal.ts'
import { judgeClaimsAge } from './claims-age.ts'
import { deviceLife, pendingLoginEnd, sessionLife } from './lifetimes.ts'
import { grantScopes, scopesOf } from './scopes.ts'
import { describeSpan, grantExpiry } from './token-expiry.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const HOUR = 3_600_000
const DAY = 24 * HOUR

it('what is begun ends: a session after eight hours or half an hour unused, a device code and a way to the login after ten minutes', () => {
  expect(sessionLife(NOW)).toEqual({ idleMs: HOUR / 2, expiresAt: NOW + 8 * HOUR })
  expect(deviceLife(NOW)).toEqual({ intervalMs: 5_000, expiresAt: NOW + HOUR / 6 })
  expect(pendingLoginEnd(NOW)).toBe(NOW + HOUR / 6)
})

describe('the scopes of a token', () => {
  const person = scopesOf(false)
  const rows: readonly [string, readonly string[], readonly Scope[], object][] = [
    ['are what is asked for and held', ['read'], person, { outcome: 'granted', scopes: ['read'] }],
    ['are each there once', ['write', 'read', 'write'], person, { outcome: 'granted', scopes: ['read', 'write'] }],
    ['are not admin for one who is none', ['read', 'admin'], person, { outcome: 'refused', lacking: ['admin'] }],
    ['are admin for an admin who asks', ['admin'], scopesOf(true), { outcome: 'granted', scopes: ['admin'] }],
    ['are not more than the asking credential has', ['write'], ['read'], { outcome: 'refused', lacking: ['write'] }],
    ['are not what there is not', ['everything'], person, { outcome: 'refused', lacking: ['everything'] }],
    ['are never none', [], person, { outcome: 'refused', lacking: [] }],
  ]
  it.each(rows)('%s', (_, asked, held, expected) => {
    expect(grantScopes(asked, held)).toMatchObject(expected)
  })

  it('are never more than what is held', () => {
    const scopes = fc.array(fc.constantFrom<Scope>('read', 'write', 'admin'))
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            scopes.map(list => list.join()),
            fc.constantFrom('read', 'write', 'admin'),
          ),
        ),
        scopes,
        (asked, held) => {
          const answer = grantScopes(asked, held)
          if (answer.outcome === 'granted') expect(held).toEqual(expect.arrayContaining([...answer.scopes]))
          else expect(answer.detail.length).toBeLessThan(400)
        },
      ),
    )
  })
})

describe('the end of a personal token', () => {
  const bounds = { personalMs: 90 * DAY, personalMostMs: 365 * DAY }
  const rows: readonly [string, number | undefined, object][] = [
    ['is in 90 days if nothing is asked', undefined, { outcome: 'granted', expiresAt: NOW + 90 * DAY }],
    ['may be in a year', NOW + 365 * DAY, { outcome: 'granted' }],
    ['may not be later', NOW + 365 * DAY + 1, { outcome: 'refused', detail: 'No token may live longer than 365 days.' }],
    ['may not be now', NOW, { outcome: 'refused', detail: 'The token would be over before it is used.' }],
    ['may not be never', Number.POSITIVE_INFINITY, { outcome: 'refused' }],
    ['may not be what is no time', Number.NaN, { outcome: 'refused' }],
  ]
  it.each(rows)('%s', (_, askedAt, expected) => {
    expect(grantExpiry(askedAt, bounds, NOW)).toMatchObject(expected)
  })
})

it.each([
  [365 * DAY, '365 days'],
  [2 * DAY, '2 days'],
  [2 * DAY - 1, '47 hours'],
  [DAY, '24 hours'],
  [2 * HOUR - 1, '1 hour'],
  [HOUR - 1, 'less than an hour'],
])('%i ms are %s', (ms, words) => {
  expect(describeSpan(ms)).toBe(words)
})

describe('claims', () => {
  const rows: readonly [string, number, string][] = [
    ['of now are fresh', 0, 'fresh'],
    ['a little younger than allowed are fresh', DAY - 1, 'fresh'],
    ['as old as allowed are too old', DAY, 'too-old'],
    ['of a clock that runs ahead are fresh', -HOUR, 'fresh'],
  ]
  it.each(rows)('%s', (_, age, outcome) => {
    expect(judgeClaimsAge(NOW - age, DAY, NOW).outcome).toBe(outcome)
  })

  it.each<[number, number, string]>([
    [30 * HOUR, DAY, '30 hours ago, and at most 24 hours may pass.'],
    [HOUR + HOUR / 2, HOUR, '90 minutes ago, and at most 60 minutes may pass.'],
    [90_000, 60_000, '90 seconds ago, and at most 60 seconds may pass.'],
    [2_880, 2_880, '2 seconds ago, and at most 2 seconds may pass.'],
    [1_000, 500, 'a moment ago, and at most a moment may pass.'],
  ])('that are too old, %i ms of %i, say how old', (age, most, said) => {
    expect(judgeClaimsAge(NOW - age, most, NOW)).toEqual({ outcome: 'too-old', detail: `Your login was last asked about you ${said}` })
  })
})
