import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Scope } from '../principal.ts'
import { judgeClaimsAge } from './claims-age.ts'
import { grantScopes, isAdmin, scopesOf } from './scopes.ts'
import { judgeSession, SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, SESSION_TOUCH_MS } from './session-life.ts'
import { grantExpiry } from './token-expiry.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('a session', () => {
  const rows: readonly [string, number, number, object][] = [
    ['just begun is alive for half an hour', 0, 0, { outcome: 'alive', until: NOW + SESSION_IDLE_MS, touch: false }],
    ['used a minute ago is touched', HOUR, SESSION_TOUCH_MS, { outcome: 'alive', touch: true }],
    ['used less than a minute ago is not', HOUR, SESSION_TOUCH_MS - 1, { outcome: 'alive', touch: false }],
    ['not used for half an hour is over', HOUR, SESSION_IDLE_MS, { outcome: 'over', reason: 'idle' }],
    ['not used for a little less is alive', HOUR, SESSION_IDLE_MS - 1, { outcome: 'alive', until: NOW + 1 }],
    ['of eight hours is over, though it is in use', SESSION_ABSOLUTE_MS, 0, { outcome: 'over', reason: 'absolute' }],
    ['of a little less ends then', SESSION_ABSOLUTE_MS - 1, 0, { outcome: 'alive', until: NOW + 1 }],
  ]
  it.each(rows)('%s', (_, age, idle, expected) => {
    expect(judgeSession({ createdAt: NOW - age, lastSeenAt: NOW - idle }, NOW)).toMatchObject(expected)
  })
})

describe('an admin', () => {
  const URN = 'urn:geant:example.org:group:portolan:admins#aai.example.org'
  const ada = { issuer: 'https://login.example.org/', subject: 'ada@example.org', entitlements: [URN] }
  const rows: readonly [string, string, boolean][] = [
    ['is named by subject and issuer', 'ada@example.org@https://login.example.org/', true],
    ['is named by an entitlement', URN, true],
    ['is not the same subject at another issuer', 'ada@example.org@https://login.example.org', false],
    ['is not another subject', 'bob@example.org@https://login.example.org/', false],
    ['is not the subject alone', 'ada@example.org', false],
    ['is not an entitlement of another authority', URN.replace('aai', 'home'), false],
    ['is not an entitlement that begins alike', URN.slice(0, -1), false],
  ]
  it.each(rows)('%s', (_, admin, expected) => {
    expect(isAdmin(ada, [admin])).toBe(expected)
    expect(scopesOf(ada, [admin])).toEqual(expected ? ['read', 'write', 'admin'] : ['read', 'write'])
  })

  it('is nobody who calls themselves like an entitlement, nor whoever holds an entitlement that looks like a person', () => {
    const [, subject = '', issuer = ''] = /^(.*)@(.*)$/.exec(`${URN}@x`) ?? []
    expect(isAdmin({ issuer, subject, entitlements: [] }, [URN])).toBe(false)
    expect(isAdmin({ issuer: 'i', subject: 's', entitlements: ['ada@https://login'] }, ['ada@https://login'])).toBe(false)
  })
})

describe('the scopes of a token', () => {
  const person: readonly Scope[] = ['read', 'write']
  const rows: readonly [string, readonly string[], readonly Scope[], object][] = [
    ['are what is asked for and held', ['read'], person, { outcome: 'granted', scopes: ['read'] }],
    ['are each there once', ['write', 'read', 'write'], person, { outcome: 'granted', scopes: ['read', 'write'] }],
    ['are not admin for one who is none', ['read', 'admin'], person, { outcome: 'refused', lacking: ['admin'] }],
    ['are admin for an admin who asks', ['admin'], ['read', 'write', 'admin'], { outcome: 'granted', scopes: ['admin'] }],
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
  const bounds = { defaultDays: 90, mostDays: 365 }
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

  it('that are too old say how old, and what to do', () => {
    expect(judgeClaimsAge(NOW - 30 * HOUR, DAY, NOW)).toEqual({
      outcome: 'too-old',
      detail: 'Your login was last asked about you 30 hours ago, and at most 24 hours may pass.',
      fix: expect.stringContaining('Log in again'),
    })
  })
})
