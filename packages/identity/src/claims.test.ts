import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenVerifier } from './index.ts'

const LS = 'https://login.example.org/oidc/'
const KC = 'https://kc.example.org/realms/a'
const verifier = createTokenVerifier({
  issuers: [
    { issuer: LS, clientId: 'p', claimsFrom: 'userinfo', entitlementAuthorities: ['aai.x.eu'] },
    {
      issuer: KC,
      clientId: 'p',
      claimsFrom: 'token',
      groupsClaim: 'roles',
      groupPrefix: 'kc:',
      upstream: { issuer: LS, subjectClaim: 'ls_sub', issuerClaim: 'ls_iss' },
    },
  ],
})
const NOTHING = {
  name: undefined,
  email: undefined,
  entitlements: [],
  groups: [],
  assurance: [],
  affiliations: [],
  acr: undefined,
  upstream: undefined,
  passport: [],
  ignored: [],
}

describe('claims', () => {
  it('of LS-Login', () => {
    const claims = verifier.readClaims(LS, {
      sub: 'x',
      name: 'Ann',
      email: 'ann@x.eu',
      acr: 'https://refeds.org/profile/mfa',
      eduperson_entitlement: [
        'urn:geant:x.eu:group:a#aai.x.eu',
        'URN:geant:x.eu:group:a#aai.x.eu',
        'urn:geant:x.eu:group:a#home',
        'member',
        7,
      ],
      eduperson_assurance: 'https://refeds.org/assurance/IAP/medium',
      voperson_external_affiliation: ['faculty@old.eu'],
      voperson_current_external_affiliation: ['faculty@new.eu'],
      ga4gh_passport_v1: ['ey.visa.one'],
      groups: ['/not-of-this-login'],
    })
    expect(claims).toEqual({
      ...NOTHING,
      name: 'Ann',
      email: 'ann@x.eu',
      acr: 'https://refeds.org/profile/mfa',
      entitlements: [
        { text: 'urn:geant:x.eu:group:a#aai.x.eu', namespace: 'urn:geant:x.eu', path: ['a'], role: undefined, authority: 'aai.x.eu' },
      ],
      assurance: ['https://refeds.org/assurance/IAP/medium'],
      affiliations: ['faculty@new.eu'],
      passport: ['ey.visa.one'],
      ignored: [
        { reason: 'Its authority is missing or not pinned for this login', count: 1 },
        { reason: 'It names no group: it has no ":group:"', count: 1 },
      ],
    })
  })

  it('of a Keycloak have groups of its own and the person behind it', () => {
    const claims = verifier.readClaims(KC, { roles: ['/a', '/a', '', 'b\n', 3], ls_sub: 'ann@x', ls_iss: LS })
    expect(claims).toEqual({ ...NOTHING, groups: ['kc:/a'], upstream: { issuer: LS, subject: 'ann@x' } })
  })

  it.each([
    { ls_sub: 'ann@x' },
    { ls_sub: 'ann@x', ls_iss: LS.slice(0, -1) },
    { ls_sub: ['ann@x'], ls_iss: LS },
    { ls_sub: '', ls_iss: LS },
  ])('%j name nobody behind it', foreign => {
    expect(verifier.readClaims(KC, foreign).upstream).toBeUndefined()
  })

  it('of any form at all are read without a throw', () => {
    const keys = ['name', 'email', 'acr', 'eduperson_entitlement', 'eduperson_assurance', 'roles', 'ls_sub', 'ls_iss', 'ga4gh_passport_v1']
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...keys), fc.anything())), foreign => {
        const claims = verifier.readClaims(KC, foreign)
        expect(Object.keys(claims).toSorted()).toEqual(Object.keys(NOTHING).toSorted())
        for (const group of claims.groups) expect(group).toMatch(/^kc:/)
      }),
    )
  })

  it('are read for logins of the list only', () => {
    expect(() => verifier.readClaims('https://evil.example.org/', {})).toThrow(/not on the list of issuers/)
  })
})
