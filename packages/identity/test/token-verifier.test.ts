/**
 * The verifier against a real login. Every row is a token, and what becomes of it.
 */

import { createHmac } from 'node:crypto'
import { type JWTPayload, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { createTokenVerifier, type IssuerOptions, type RefusalReason, type TokenVerifier, type TokenVerifierOptions } from '../src/index.ts'
import { CLIENT, type LoginServer, makeKey, SECRET, SUBJECT, startLogin } from './login-server.ts'

const NOW = 1_800_000_000_000
const seconds = (offset: number) => NOW / 1000 + offset

let clock: number
let login: LoginServer
let other: LoginServer

beforeEach(async () => {
  clock = NOW
  login = await startLogin(() => clock)
  other = await startLogin(() => clock)
})
afterEach(async () => {
  await login[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

function verifierOf(issuer: Partial<IssuerOptions> = {}, options: Partial<TokenVerifierOptions> = {}): TokenVerifier {
  const rules: IssuerOptions = { issuer: login.issuer, clientId: CLIENT, clientSecret: SECRET, claimsFrom: 'userinfo', ...issuer }
  return createTokenVerifier({ issuers: [rules], now: () => clock, ...options })
}

describe('a good token', () => {
  it('says who the person is, by userinfo', async () => {
    login.userinfo.eduperson_entitlement = ['urn:geant:x.eu:group:a#aai.x.eu', 'urn:geant:x.eu:group:b#home.org', 'staff']
    const verifier = verifierOf({ entitlementAuthorities: ['aai.x.eu'] })
    expect(await verifier.verify(await login.issue())).toMatchObject({
      outcome: 'valid',
      issuer: login.issuer,
      subject: SUBJECT,
      clientId: CLIENT,
      scopes: ['openid', 'email'],
      expiresAt: NOW + 3_600_000,
      tokenId: 't-1',
      claims: { name: 'Ann Example', email: 'ann@example.org', entitlements: [{ text: 'urn:geant:x.eu:group:a#aai.x.eu' }] },
    })
    expect(login.asked).toEqual(['discovery', 'keys', 'userinfo'])
  })

  it('is checked without a question once the keys are known', async () => {
    const verifier = verifierOf()
    await verifier.check(await login.issue())
    login.asked.length = 0
    expect(await verifier.check(await login.issue())).toMatchObject({ outcome: 'valid', subject: SUBJECT })
    expect(login.asked).toEqual([])
  })

  it('says who the person is by itself', async () => {
    const verifier = verifierOf({ claimsFrom: 'token', groupsClaim: 'groups', groupPrefix: 'kc:' })
    const verified = await verifier.verify(await login.issue({ name: 'Ann', groups: ['/site-a'] }))
    expect(verified).toMatchObject({ outcome: 'valid', claims: { name: 'Ann', groups: ['kc:/site-a'] } })
    expect(login.asked).not.toContain('userinfo')
  })

  it('says who the person is by introspection, which must hold it to be active', async () => {
    const verifier = verifierOf({ claimsFrom: 'introspection' })
    login.introspection.name = 'Ann'
    expect(await verifier.verify(await login.issue())).toMatchObject({ outcome: 'valid', claims: { name: 'Ann' } })
    login.introspection = { active: false }
    expect(await verifier.verify(await login.issue())).toMatchObject({ outcome: 'refused', reason: 'revoked' })
  })

  it.each(['RS256', 'ES384', 'EdDSA', 'PS256'])('may be signed by %s', async alg => {
    login.keys = [await makeKey(alg)]
    expect(await verifierOf().check(await login.issue())).toMatchObject({ outcome: 'valid' })
  })

  it.each([{ typ: 'JWT' }, { typ: 'application/at+jwt' }, { typ: undefined }, { kid: undefined }])(
    'may have the header %j',
    async header => {
      expect(await verifierOf().check(await login.issue({}, header))).toMatchObject({ outcome: 'valid' })
    },
  )

  it('T02 is taken a minute after its end and before its beginning, not longer', async () => {
    const verifier = verifierOf()
    const reasonOf = async (claims: object) => {
      const check = await verifier.check(await login.issue({ ...claims }))
      return check.outcome === 'refused' ? check.reason : check.outcome
    }
    expect(await reasonOf({ exp: seconds(-59) })).toBe('valid')
    expect(await reasonOf({ exp: seconds(-60) })).toBe('expired')
    expect(await reasonOf({ nbf: seconds(60) })).toBe('valid')
    expect(await reasonOf({ nbf: seconds(61) })).toBe('not_yet_valid')
    expect(await reasonOf({ iat: seconds(61) })).toBe('not_yet_valid')
  })
})

describe('T01 an issuer of one’s own', () => {
  it('T01 a token of a login that is not on the list is refused, and nobody is asked anything', async () => {
    const check = await verifierOf().verify(await other.issue())
    expect(check).toEqual({
      outcome: 'refused',
      reason: 'unknown_issuer',
      detail: `The token is from a login that is not admitted here. These are: ${login.issuer}. Log in by one of them.`,
    })
    expect([...other.asked, ...login.asked]).toEqual([])
  })

  it.each([
    ['without its slash', (issuer: string) => issuer.slice(0, -1)],
    ['in capitals', (issuer: string) => issuer.toUpperCase()],
    ['with a longer path', (issuer: string) => `${issuer}x`],
    ['with its default spelling changed', (issuer: string) => issuer.replace('127.0.0.1', '127.1')],
  ])('T01 the name of an admitted login %s is the name of another', async (_, change) => {
    const check = await verifierOf().verify(await login.issue({ iss: change(login.issuer) }))
    expect(check).toMatchObject({ outcome: 'refused', reason: 'unknown_issuer' })
    expect(login.asked).toEqual([])
  })

  it('T01 a token of another login that names an admitted one has the wrong signature', async () => {
    const forged = await other.issue({ iss: login.issuer }, { kid: login.keys[0]?.kid })
    expect(await verifierOf().verify(forged)).toMatchObject({ outcome: 'refused', reason: 'signature' })
    expect(other.asked).toEqual([])
  })

  it('T01 addresses of keys in the header are not looked at', async () => {
    const own = other.keys[0]
    const header = { jku: `${other.issuer}jwk`, x5u: `${other.issuer}jwk`, jwk: own?.jwk, kid: own?.kid }
    const check = await verifierOf().verify(await other.issue({ iss: login.issuer }, header))
    expect(check.outcome).not.toBe('valid')
    expect(other.asked).toEqual([])
  })

  it('T01 a login that names itself otherwise than it is listed is not believed', async () => {
    login.metadata = { issuer: login.issuer.slice(0, -1) }
    expect(await verifierOf().verify(await login.issue())).toMatchObject({
      outcome: 'unavailable',
      issuer: login.issuer,
      detail: expect.stringContaining('a slash at the end included'),
    })
  })
})

describe('T02 a token for another service', () => {
  it.each([
    ['our audience', { aud: CLIENT, azp: 'other' }, {}, 'valid'],
    ['our audience among others', { aud: ['x', CLIENT], azp: 'other' }, {}, 'valid'],
    [
      'an audience that is listed',
      { aud: 'https://portolan.example.org', azp: 'other' },
      { audiences: ['https://portolan.example.org'] },
      'valid',
    ],
    ['no audience, issued to us', { azp: CLIENT }, {}, 'valid'],
    ['no audience, issued to us by the name of RFC 9068', { azp: undefined, client_id: CLIENT }, {}, 'valid'],
    ['a client that is admitted', { azp: 'galaxy' }, { allowedAzp: ['galaxy'] }, 'valid'],
    ['another client', { azp: 'other' }, {}, 'audience'],
    ['another client, for another audience', { azp: 'other', aud: 'other' }, { allowedAzp: ['galaxy'] }, 'audience'],
    ['neither audience nor client', { azp: undefined }, {}, 'audience'],
    ['a client that is told in two ways', { azp: 'other', client_id: CLIENT }, {}, 'audience'],
    [
      'a site, though we had it issued',
      { azp: CLIENT, aud: 'https://site.example.org' },
      { foreignAudiences: ['https://site.example.org'] },
      'audience',
    ],
  ])('T02 %s', async (_, claims, rules, expected) => {
    const check = await verifierOf(rules).verify(await login.issue(claims))
    expect(check.outcome === 'refused' ? check.reason : check.outcome).toBe(expected)
  })

  it('T02 a token minted for another client is not taken to userinfo, and the person is told what to do', async () => {
    expect(await verifierOf().verify(await login.issue({ azp: 'other' }))).toEqual({
      outcome: 'refused',
      reason: 'audience',
      detail: 'The token was issued for another service. Get one for this service: log in here.',
    })
    expect(login.asked).not.toContain('userinfo')
  })

  it.each([
    ['an ID token', { at_hash: 'x', aud: CLIENT }, {}],
    ['an ID token without a hash of its access token', { nonce: 'n', aud: CLIENT, scope: undefined }, { typ: 'JWT' }],
    ['an ID token that shows nothing of what it is', { aud: CLIENT, scope: undefined }, { typ: undefined }],
    ['an ID token that names scopes', { nonce: 'n', aud: CLIENT, scope: 'openid' }, { typ: 'JWT' }],
    ['an ID token of a Keycloak', { typ: 'ID', aud: CLIENT }, { typ: 'JWT' }],
    ['a refresh token of a Keycloak', { typ: 'Refresh' }, { typ: 'JWT' }],
    ['a logout token', { events: {} }, { typ: 'JWT' }],
    ['a visa', {}, { typ: 'vnd.ga4gh.visa+jwt' }],
    ['a passport', {}, { typ: 'vnd.ga4gh.passport+jwt' }],
  ])('T02 %s is no access token', async (_, claims, header) => {
    expect(await verifierOf().verify(await login.issue(claims, header))).toMatchObject({ outcome: 'refused', reason: 'token_type' })
  })

  it.each([
    ['scopes', { scope: 'openid' }],
    ['its client', { scope: undefined, client_id: CLIENT }],
    ['the type that a Keycloak writes', { scope: undefined, nonce: 'n', typ: 'Bearer' }],
  ])('a token whose header does not say its type is an access token by %s', async (_, claims) => {
    expect(await verifierOf().verify(await login.issue({ aud: CLIENT, ...claims }, { typ: 'JWT' }))).toMatchObject({ outcome: 'valid' })
  })

  it('T02 a token that is bound to a key is no bearer token', async () => {
    expect(await verifierOf().verify(await login.issue({ cnf: { jkt: 'x' } }))).toMatchObject({ outcome: 'refused', reason: 'key_bound' })
  })
})

describe('T01 a token that is not as it should be', () => {
  it('alg none', async () => {
    const claims = { iss: login.issuer, sub: SUBJECT, azp: CLIENT, exp: seconds(3600) }
    expect(await verifierOf().verify(new UnsecuredJWT(claims).encode())).toMatchObject({ outcome: 'refused', reason: 'algorithm' })
  })

  it('HS256 with the public key as its secret', async () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const [, body] = (await login.issue()).split('.')
    const signed = `${encode({ alg: 'HS256', kid: login.keys[0]?.kid })}.${body}`
    const mac = createHmac('sha256', JSON.stringify(login.keys[0]?.jwk)).update(signed).digest('base64url')
    expect(await verifierOf().verify(`${signed}.${mac}`)).toMatchObject({ outcome: 'refused', reason: 'algorithm' })
    expect(login.asked).toEqual([])
  })

  it.each<[string, JWTPayload, Record<string, unknown>, RefusalReason, Partial<IssuerOptions>?]>([
    ['no subject', { sub: undefined }, {}, 'no_subject'],
    ['an empty subject', { sub: '' }, {}, 'no_subject'],
    ['a subject with a line break', { sub: 'a\nb' }, {}, 'no_subject'],
    ['no end', { exp: undefined }, {}, 'malformed'],
    ['an algorithm that is not admitted', {}, {}, 'algorithm', { algorithms: ['RS256'] }],
    ['a type that is not admitted', {}, { typ: 'JWT' }, 'token_type', { tokenTypes: ['at+jwt'] }],
  ])('%s', async (_, claims, header, reason, rules = {}) => {
    expect(await verifierOf(rules).verify(await login.issue(claims, header))).toMatchObject({ outcome: 'refused', reason })
  })

  it('demands of the header that nobody knows', async () => {
    const [head = '', ...rest] = (await login.issue()).split('.')
    const header = { ...JSON.parse(Buffer.from(head, 'base64url').toString()), crit: ['x'], x: 1 }
    const token = [Buffer.from(JSON.stringify(header)).toString('base64url'), ...rest].join('.')
    expect(await verifierOf().verify(token)).toMatchObject({ outcome: 'refused', reason: 'critical_header' })
  })

  it('more than 16 KiB is not looked at', async () => {
    const token = await login.issue({ padding: 'x'.repeat(16_000) })
    expect(await verifierOf().verify(token)).toMatchObject({ outcome: 'refused', reason: 'too_large' })
    expect(login.asked).toEqual([])
  })

  it.each(['', 'x', 'ey', 'ey.ey.ey', 'a b', `Bearer ${makeSecret('ey')}.x.y`, 'ey'.repeat(50), '\0', '💥'])('%j', async token => {
    expect(await verifierOf().verify(token)).toMatchObject({ outcome: 'refused', reason: 'malformed' })
    expect(login.asked).toEqual([])
  })
})

describe('T02 an opaque token', () => {
  it('is introspected where the login says so, as the client that we are there', async () => {
    const verifier = verifierOf({ opaqueTokens: true, claimsFrom: 'introspection' })
    expect(await verifier.verify('opaque-1')).toMatchObject({ outcome: 'valid', subject: SUBJECT, clientId: CLIENT, scopes: ['openid'] })
    const [{ authorization, body } = { authorization: '', body: '' }] = login.introspections
    const [user, secret] = Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(':')
    expect([user, new URLSearchParams(`x=${secret}`).get('x'), new URLSearchParams(body).get('token')]).toEqual([
      CLIENT,
      SECRET,
      'opaque-1',
    ])
  })

  it.each([
    ['is not active', { active: false }, 'revoked'],
    [
      'is of another issuer',
      { active: true, iss: 'https://evil.example.org', sub: SUBJECT, client_id: CLIENT, exp: seconds(9) },
      'revoked',
    ],
    ['is of another client', { active: true, sub: SUBJECT, client_id: 'other', exp: seconds(9) }, 'audience'],
    ['names nobody', { active: true, client_id: CLIENT, exp: seconds(9) }, 'no_subject'],
    [
      'the login does not call a bearer token, such as a refresh token,',
      { active: true, token_type: undefined, sub: SUBJECT, client_id: CLIENT, exp: seconds(9) },
      'token_type',
    ],
    [
      'is a refresh token of a Keycloak',
      { active: true, token_type: 'Refresh', typ: 'Refresh', sub: SUBJECT, client_id: CLIENT, exp: seconds(9) },
      'token_type',
    ],
    ['has expired', { active: true, sub: SUBJECT, client_id: CLIENT, exp: seconds(-90) }, 'expired'],
  ])('that %s is refused', async (_, introspection, reason) => {
    login.introspection = { token_type: 'Bearer', ...introspection }
    expect(await verifierOf({ opaqueTokens: true }).verify('opaque-1')).toMatchObject({ outcome: 'refused', reason })
  })

  it.each([400, 404, 422])('that the login answers with %d is refused', async status => {
    login.faults.set('introspection', { status })
    const answer = await verifierOf({ opaqueTokens: true }).verify('opaque-1')
    expect(answer).toMatchObject({
      outcome: 'refused',
      reason: 'revoked',
      detail: expect.stringContaining('does not know this as an access token'),
    })
  })

  it.each([
    ['does not say whether it is active', { body: '{}' }, 'does not say whether'],
    ['does not know us', { status: 401 }, 'does not know this service'],
    ['fails', { status: 500 }, 'answered 500'],
  ])('when the login %s, nobody is let in', async (_, fault, detail) => {
    login.faults.set('introspection', fault)
    expect(await verifierOf({ opaqueTokens: true }).verify('opaque-1')).toMatchObject({
      outcome: 'unavailable',
      detail: expect.stringContaining(detail),
    })
  })
})

describe('claims by a token that the login has just given us', () => {
  it.each(['', 'a\nb', 'x'.repeat(256)])('are asked of nobody for a subject that cannot be used: %j', async subject => {
    expect(await verifierOf().fetchClaims({ issuer: login.issuer, subject, token: makeSecret('opaque') })).toMatchObject({
      outcome: 'refused',
      reason: 'no_subject',
    })
  })

  const ask = (verifier: TokenVerifier, token: string, subject = SUBJECT) => verifier.fetchClaims({ issuer: login.issuer, subject, token })

  it('come from userinfo, whatever the token looks like and for whomever it is', async () => {
    const verifier = verifierOf()
    expect(await ask(verifier, 'opaque')).toMatchObject({ outcome: 'claims', claims: { name: 'Ann Example' } })
    expect(await ask(verifier, await login.issue({ aud: 'somebody-else', azp: 'somebody-else' }))).toMatchObject({ outcome: 'claims' })
    expect(login.asked).toEqual(['discovery', 'userinfo', 'userinfo'])
  })

  it('come from the token itself, once it is proved', async () => {
    const verifier = verifierOf({ claimsFrom: 'token' })
    expect(await ask(verifier, await login.issue({ name: 'Ann' }))).toMatchObject({ outcome: 'claims', claims: { name: 'Ann' } })
    const forged = await login.issue({ name: 'Ann' }, { kid: login.keys[0]?.kid }, await makeKey())
    expect(await ask(verifier, forged)).toMatchObject({ outcome: 'refused', reason: 'signature' })
  })

  it('come from introspection', async () => {
    login.introspection.name = 'Ann'
    const verifier = verifierOf({ claimsFrom: 'introspection' })
    expect(await ask(verifier, 'opaque')).toMatchObject({ outcome: 'claims', claims: { name: 'Ann' } })
  })

  it.each(['userinfo', 'token', 'introspection'] as const)('of somebody else are refused (%s)', async claimsFrom => {
    expect(await ask(verifierOf({ claimsFrom }), await login.issue(), 'bob')).toMatchObject({
      outcome: 'refused',
      reason: 'subject_mismatch',
    })
  })

  it('of a login that is not on the list are refused without a question', async () => {
    const { issuer } = other
    expect(await verifierOf().fetchClaims({ issuer, subject: SUBJECT, token: makeSecret('opaque') })).toMatchObject({
      reason: 'unknown_issuer',
    })
    expect(other.asked).toEqual([])
  })

  it('are unavailable while the login does not answer', async () => {
    login.faults.set('userinfo', { status: 500 })
    expect(await ask(verifierOf(), 'opaque')).toMatchObject({ outcome: 'unavailable', detail: expect.stringContaining('answered 500') })
  })
})
