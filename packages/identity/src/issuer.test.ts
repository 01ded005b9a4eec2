import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { createMembership, createTokenVerifier, type IssuerOptions } from './index.ts'

const ls: IssuerOptions = { issuer: 'https://login.example.org/oidc/', clientId: 'portolan', claimsFrom: 'userinfo' }
const keycloak: IssuerOptions = { issuer: 'https://kc.example.org/realms/a', clientId: 'portolan', claimsFrom: 'token' }
const groups = (groupPrefix?: string) => ({ groupsClaim: 'groups', groupPrefix })

describe('rules of issuers', () => {
  it.each<[string, readonly IssuerOptions[], RegExp]>([
    ['the same issuer twice', [ls, ls], /is there twice: put its rules into one entry/],
    ['plain http beyond loopback', [{ ...ls, issuer: 'http://login.example.org/' }], /issuer: write an https URL/],
    ['an issuer with a password', [{ ...ls, issuer: 'https://a:b@login.example.org/' }], /issuer: write an https URL/],
    ['an issuer that is no URL', [{ ...ls, issuer: 'login' }], /issuer: write an https URL/],
    ['no client', [{ ...ls, clientId: '' }], /clientId: name the client/],
    ['introspection without a secret', [{ ...ls, claimsFrom: 'introspection' }], /clientSecret: give one/],
    ['opaque tokens without a secret', [{ ...ls, opaqueTokens: true }], /clientSecret: give one/],
    [
      'two that issue opaque tokens',
      [ls, keycloak].map(issuer => ({ ...issuer, opaqueTokens: true, clientSecret: makeSecret('s') })),
      /opaqueTokens: set it for one login only/,
    ],
    ['no algorithm', [{ ...ls, algorithms: [] }], /algorithms: name some of RS256/],
    ['an algorithm with a shared secret', [{ ...ls, algorithms: ['HS256' as 'RS256'] }], /algorithms: name some of RS256/],
    ['groups without a prefix', [{ ...keycloak, ...groups() }], /groupPrefix: give the groups/],
    ['groups that look like entitlements', [{ ...keycloak, ...groups('URN:x:') }], /groupPrefix: let it not begin with urn:/],
    [
      'a prefix that begins another',
      [
        { ...keycloak, ...groups('a') },
        { ...ls, ...groups('a:') },
      ],
      /groupPrefix: "a" begins that of another/,
    ],
    [
      'one prefix for two',
      [
        { ...keycloak, ...groups('a:') },
        { ...ls, ...groups('a:') },
      ],
      /groupPrefix: "a:" begins that of another/,
    ],
    ['an authority with a space', [{ ...ls, entitlementAuthorities: ['a b'] }], /entitlementAuthorities: "a b" is not an authority/],
    ['a login behind it that is none', [{ ...keycloak, upstream: { issuer: 'ls', subjectClaim: 'x' } }], /upstream.issuer: write the URL/],
  ])('%s is refused at the start', (_, issuers, message) => {
    expect(() => createTokenVerifier({ issuers })).toThrow(message)
    expect(() => createMembership(issuers)).toThrow(message)
  })

  it('with http on loopback are fine', () => {
    for (const issuer of ['http://127.0.0.1:8080/', 'http://localhost:8080', 'http://[::1]:8080/oidc/'])
      expect(() => createTokenVerifier({ issuers: [{ ...ls, issuer }] })).not.toThrow()
  })
})
