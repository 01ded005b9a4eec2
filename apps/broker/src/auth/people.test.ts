import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import type { ConfiguredIssuer } from '../config/types.ts'
import type { PersonRow } from '../stores/login-rows.ts'
import { createPeople, type People } from './people.ts'
import { type PersonClaims, writeClaims } from './person-claims.ts'
import { createProjectDirectory } from './project-directory.ts'

const NOW = 1_800_000_000_000
const HOUR_MS = 3_600_000
const LOGIN = 'https://login.example.org/'
const ADA = { issuer: LOGIN, subject: 'ada' }
const LAB = 'urn:geant:example.org:group:lab#aai.example.org'
const STAFF = 'urn:geant:example.org:group:staff#aai.example.org'

const ISSUER: ConfiguredIssuer = {
  issuer: LOGIN,
  id: 'login',
  name: 'Login',
  clientId: 'portolan',
  scopes: ['openid'],
  claimsFrom: 'userinfo',
  entitlementAuthorities: ['aai.example.org'],
  audiences: [],
  allowedAzp: [],
  foreignAudiences: [],
  opaqueTokens: false,
  groupsClaim: 'groups',
  groupPrefix: 'site:',
  idTokenAlgorithm: 'RS256',
  acrValues: [],
  origins: ['https://login.example.org'],
}
const PROJECTS = [
  ['by-entitlement', LAB],
  ['by-group', 'site:/lab'],
  ['by-name', `ada@${LOGIN}`],
].map(([id = '', member = '']) => ({ project: { id: id as ProjectId }, name: id, members: [member], visibility: 'project' as const }))
const NOTHING: PersonClaims = { entitlements: [], groups: [], assurance: [], affiliations: [], passport: [], ignored: [] }

/** People as this one login has them, with what it said an hour ago. */
function peopleOf(claimsText: string | undefined, changes: { issuer?: Partial<ConfiguredIssuer>; maxAgeMs?: number } = {}): People {
  const row: PersonRow | undefined =
    claimsText === undefined ? undefined : { ...ADA, claimsText, claimsAt: NOW - HOUR_MS, firstSeenAt: 0, lastLoginAt: 0 }
  return createPeople({
    issuers: [{ ...ISSUER, ...changes.issuer }],
    directory: createProjectDirectory(PROJECTS, [STAFF]),
    store: { getPerson: () => row },
    claimsMaxAgeMs: changes.maxAgeMs ?? 24 * HOUR_MS,
    now: () => NOW,
  })
}

const admit = (people: People) => people.admit(ADA, { scopes: ['read', 'write', 'admin'] })
const SAID = writeClaims({ ...NOTHING, entitlements: [LAB, STAFF], groups: ['site:/lab'] })

describe('a person who is let in', () => {
  it('is a member by what their login said, and by name', () => {
    expect(admit(peopleOf(SAID))).toMatchObject({
      ...ADA,
      memberOf: ['by-entitlement', 'by-group', 'by-name'],
      sees: ['by-entitlement', 'by-group', 'by-name'],
      roles: ['admin'],
      claimsAt: NOW - HOUR_MS,
    })
  })

  it.each<[string, string, Parameters<typeof peopleOf>[1], readonly string[]]>([
    ['whose authority is pinned no more', SAID, { issuer: { entitlementAuthorities: [] } }, ['by-group', 'by-name']],
    ['whose groups have another prefix now', SAID, { issuer: { groupPrefix: 'berlin:' } }, ['by-entitlement', 'by-name']],
    [
      'whose login has no groups any more',
      SAID,
      { issuer: { groupsClaim: undefined, groupPrefix: undefined } },
      ['by-entitlement', 'by-name'],
    ],
    ['whose claims are too old', SAID, { maxAgeMs: HOUR_MS }, ['by-name']],
    ['whose claims cannot be read', '{"entitlements":', undefined, ['by-name']],
    ['whose claims are of another shape', '{"entitlements":"all"}', undefined, ['by-name']],
  ])('T04 %s is a member of what is left', (_, claimsText, changes, memberOf) => {
    expect(admit(peopleOf(claimsText, changes))?.memberOf).toEqual(memberOf)
  })

  it('T04 is an administrator only as long as the login says so', () => {
    expect(peopleOf(SAID).grantable(ADA)).toEqual(['read', 'write', 'admin'])
    expect(peopleOf(SAID, { maxAgeMs: HOUR_MS }).grantable(ADA)).toEqual(['read', 'write'])
    expect(peopleOf(writeClaims(NOTHING)).grantable(ADA)).toEqual(['read', 'write'])
  })
})

describe('nobody is', () => {
  it('who has never logged in', () => {
    expect(admit(peopleOf(undefined))).toBeUndefined()
  })

  it('T01 whose login is not admitted any more', () => {
    expect(admit(peopleOf(SAID, { issuer: { issuer: 'https://other.example.org/' } }))).toBeUndefined()
  })
})

describe('a person who logged in in a way that counts no more', () => {
  const MFA = 'https://refeds.org/profile/mfa'
  const came = (acr: string | undefined, ...acrValues: string[]) => peopleOf(writeClaims({ ...NOTHING, acr }), { issuer: { acrValues } })

  it('T01 is not let in, and told what to do', () => {
    const people = came('https://refeds.org/profile/sfa', MFA)
    expect(admit(people)).toBeUndefined()
    expect(people.whyNot(ADA)).toBe(
      `Login says that you logged in by "https://refeds.org/profile/sfa", and here only ${MFA} counts. Log in again in that way.`,
    )
  })

  it('T01 is not let in where nothing is known of the way', () => {
    expect(admit(came(undefined, MFA))).toBeUndefined()
  })

  it('is let in again by a way that counts', () => {
    expect(admit(came(MFA, MFA))).toMatchObject(ADA)
    expect(admit(came('anything'))).toMatchObject(ADA)
  })
})
