import { pinAuthorities } from '@portolan/identity'
import { describe, expect, it } from 'vitest'
import { compileMembers, type KnownPerson } from './members.ts'

const LAB = 'urn:geant:example.org:group:lab#aai.example.org'
const PERSON: KnownPerson = {
  issuer: 'https://login.example.org/oidc/',
  subject: 'ada@example.org',
  entitlements: ['URN:geant:Example.org:group:lab#aai.example.org', 'urn:geant:example.org:group:fleet:red#aai.example.org', 'nonsense'],
  authorities: pinAuthorities(['aai.example.org']),
  groups: ['keycloak:/site-a'],
}

describe('a list of members', () => {
  it.each([
    ['a person by subject and issuer', 'ada@example.org@https://login.example.org/oidc/', PERSON],
    ['an entitlement, in whatever case its namespace is written', LAB, PERSON],
    ["a group of the login's own", 'keycloak:/site-a', PERSON],
    [
      'an entitlement below one that is named with its subgroups',
      'urn:geant:example.org:group:fleet#aai.example.org and its subgroups',
      PERSON,
    ],
  ])('has %s', (_, entry, person) => {
    expect(compileMembers(['urn:geant:example.org:group:other#aai.example.org', entry])(person)).toBe(true)
  })

  it.each<[string, string, KnownPerson]>([
    ['the same subject of another issuer', 'ada@example.org@https://login.example.com/oidc/', PERSON],
    ['the issuer without its slash', 'ada@example.org@https://login.example.org/oidc', PERSON],
    ['a subgroup of what is asked for', 'urn:geant:example.org:group:fleet#aai.example.org', PERSON],
    ['a group whose name only begins alike', 'urn:geant:example.org:group:la#aai.example.org', PERSON],
    ['the entitlement of another authority', 'urn:geant:example.org:group:lab#aai.example.com', PERSON],
    ['an entitlement whose authority the login may not speak through', LAB, { ...PERSON, authorities: [] }],
    ['a group without its prefix', '/site-a', PERSON],
    ['a group whose subgroups are named', 'lab:x and its subgroups', { ...PERSON, groups: ['lab:x', 'lab:x and its subgroups'] }],
    ['a broken entitlement given as a group', 'urn:broken', { ...PERSON, groups: ['urn:broken'] }],
    ['an entitlement given as a group', LAB, { ...PERSON, entitlements: [], groups: [] }],
  ])('has not %s', (_, entry, person) => {
    expect(compileMembers([entry])(person)).toBe(false)
  })

  it('that is empty has nobody', () => {
    expect(compileMembers([])(PERSON)).toBe(false)
  })
})
