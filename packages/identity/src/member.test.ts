import { describe, expect, it } from 'vitest'
import { createMembership, createTokenVerifier, type Holder, type IssuerOptions } from './index.ts'

const LS = 'https://login.example.org/oidc/'
const KC = 'https://kc.example.org/realms/a'
const KC2 = 'https://kc.example.org/realms/b'
const GROUP = 'urn:geant:x.eu:group:spe4hd'
const issuers: readonly IssuerOptions[] = [
  { issuer: LS, clientId: 'p', claimsFrom: 'userinfo', entitlementAuthorities: ['aai.x.eu'] },
  {
    issuer: KC,
    clientId: 'p',
    claimsFrom: 'token',
    entitlementAuthorities: ['urn:geant:charite.de#kc.charite.de'],
    groupsClaim: 'groups',
    groupPrefix: 'charite:',
    upstream: { issuer: LS, subjectClaim: 'ls_sub', issuerClaim: 'ls_iss' },
  },
  { issuer: KC2, clientId: 'p', claimsFrom: 'token', groupsClaim: 'groups', groupPrefix: 'surf:' },
]
const membership = createMembership(issuers)
const verifier = createTokenVerifier({ issuers })
const holder = (issuer: string, claims: object = {}, subject = 'ann@x'): Holder => ({
  issuer,
  subject,
  claims: verifier.readClaims(issuer, claims),
})

function includes(line: string, who: Holder): boolean {
  const parsed = membership.parse(line)
  if (!parsed.ok) throw new Error(`${line}: ${parsed.problem}`)
  return membership.includes(parsed.member, who)
}

describe('T04 a line that names a person', () => {
  it.each([
    [`ann@x@${LS}`, holder(LS), true],
    [`ann@x@${LS}`, holder(KC), false],
    [`Ann@x@${LS}`, holder(LS), false],
    [`ann@x@${KC}`, holder(KC), true],
  ])('%s', (line, who, included) => {
    expect(includes(line, who)).toBe(included)
  })

  it('does not mean somebody who is that person only by the word of another login', () => {
    const linked = holder(KC, { ls_sub: 'ann@x', ls_iss: LS }, 'kc-17')
    expect(verifier.readClaims(KC, { ls_sub: 'ann@x', ls_iss: LS }).upstream).toEqual({ issuer: LS, subject: 'ann@x' })
    expect(includes(`ann@x@${LS}`, linked)).toBe(false)
  })
})

describe('a line that names an entitlement', () => {
  const held = (value: string, issuer = LS) => holder(issuer, { eduperson_entitlement: [value] })
  it.each([
    [`${GROUP}#aai.x.eu`, held(`${GROUP}#aai.x.eu`), true],
    [`URN:Geant:X.eu:group:spe4hd#aai.x.eu`, held(`${GROUP}#aai.x.eu`), true],
    [`${GROUP}#aai.x.eu`, held(`${GROUP}:berlin#aai.x.eu`), false],
    [`${GROUP}#aai.x.eu and its subgroups`, held(`${GROUP}:berlin#aai.x.eu`), true],
    [`${GROUP}#aai.x.eu and its subgroups`, held(`${GROUP}-evil#aai.x.eu`), false],
    [`${GROUP}#aai.x.eu`, held(`${GROUP}#home.org`), false],
    [`${GROUP}#aai.x.eu`, held(`${GROUP}#aai.x.eu`, KC), false],
    ['urn:geant:charite.de:group:a#kc.charite.de', held('urn:geant:charite.de:group:a#kc.charite.de', KC), true],
    [`${GROUP}#kc.charite.de`, held(`${GROUP}#kc.charite.de`, KC), false],
  ])('%s', (line, who, included) => {
    expect(includes(line, who)).toBe(included)
  })
})

describe('T04 a line that names a group of one login’s own', () => {
  it('means those who are in it there, and nobody of another login', () => {
    expect(includes('charite:/site-a', holder(KC, { groups: ['/site-a'] }))).toBe(true)
    expect(includes('charite:/site-a', holder(KC, { groups: ['/site-a/sub', '/SITE-A'] }))).toBe(false)
    expect(includes('charite:/site-a', holder(KC2, { groups: ['/site-a', 'charite:/site-a'] }))).toBe(false)
    expect(includes('charite:/site-a', holder(LS, { groups: ['/site-a', 'charite:/site-a'] }))).toBe(false)
  })

  it('is met by no group that another login has written in full, prefix and all', () => {
    const forged: Holder = { ...holder(KC2), claims: { entitlements: [], groups: ['charite:/site-a'] } }
    expect(includes('charite:/site-a', forged)).toBe(false)
  })
})

describe('a line that nobody can meet', () => {
  it.each([
    ['', 'neither sub@iss, nor an entitlement'],
    ['ann', 'neither sub@iss, nor an entitlement'],
    ['ann@x.org', 'neither sub@iss, nor an entitlement'],
    ['charite:', 'neither sub@iss, nor an entitlement'],
    [`ann@${LS.slice(0, -1)}`, 'compare to the letter, a slash at the end included'],
    [GROUP, 'It names no authority: add #'],
    [`${GROUP}#aai.x.eu and its subgroup`, 'What follows the #'],
    ['urn:geant:x.eu:res:a#aai.x.eu', 'It names no group'],
    ['charite:/site-a and its subgroups', 'Only of an entitlement (urn:…) can the subgroups be meant'],
  ])('%j has a problem', (line, problem) => {
    const parsed = membership.parse(line)
    expect(parsed.ok ? 'fine' : parsed.problem).toContain(problem)
  })

  it('and a person of a login that is not on the list is no member, whatever they hold', () => {
    const parsed = membership.parse(`${GROUP}#aai.x.eu`)
    const stranger: Holder = { ...holder(LS, { eduperson_entitlement: `${GROUP}#aai.x.eu` }), issuer: 'https://evil.example.org/' }
    expect(parsed.ok && membership.includes(parsed.member, stranger)).toBe(false)
  })
})
