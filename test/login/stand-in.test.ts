import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MARKER } from '../leaks/secrets.ts'
import { findForm, openBrowser } from './browser.ts'
import { MFA, SCOPES } from './discovery.ts'
import { describePerson, GROUPS } from './people.ts'
import { askForCode, CLIENTS, discover, LOGGED_OUT_URI, logIn, RESOURCE, SCOPE, type Tokens } from './service.ts'
import { EXCHANGE_GRANT } from './settings.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

let login: StandIn
let config: openid.Configuration
let tokens: Tokens

const subOf = (id: string): string => login.people.find(person => person.id === id)?.sub ?? ''

beforeAll(async () => {
  login = await startStandIn({ clients: CLIENTS })
  config = await discover(login.issuer)
  tokens = await logIn(config, 'alice')
})
afterAll(() => login[Symbol.asyncDispose]())

describe('the provider document', () => {
  it('names the issuer with its slash, and the paths of LS-Login below it', () => {
    const { issuer } = login
    expect(issuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oidc\/$/)
    expect(config.serverMetadata()).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}authorize`,
      token_endpoint: `${issuer}token`,
      userinfo_endpoint: `${issuer}userinfo`,
      introspection_endpoint: `${issuer}introspect`,
      revocation_endpoint: `${issuer}revoke`,
      device_authorization_endpoint: `${issuer}devicecode`,
      end_session_endpoint: `${issuer}endsession`,
      jwks_uri: `${issuer}jwk`,
    })
  })

  it('lists the scopes, grants and ways to authenticate of LS-Login, and its unsigned ID tokens', () => {
    expect(config.serverMetadata()).toMatchObject({
      scopes_supported: SCOPES,
      response_types_supported: ['code', 'token id_token'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      grant_types_supported: expect.arrayContaining(['client_credentials', EXCHANGE_GRANT]),
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256', 'HS256', 'none']),
      acr_values_supported: expect.arrayContaining([MFA]),
    })
    expect(config.serverMetadata().authorization_response_iss_parameter_supported).toBeUndefined()
  })

  it('is not that of the issuer without the slash', async () => {
    await expect(discover(login.issuer.slice(0, -1))).rejects.toMatchObject({ code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' })
  })
})

describe('a login by code and PKCE', () => {
  it('says who it was and how strongly, and nothing else, in the ID token', () => {
    const claims = tokens.claims()
    expect(claims).toMatchObject({ iss: login.issuer, sub: subOf('alice'), aud: 'service', acr: MFA })
    expect(claims?.sub).toMatch(/^[0-9a-f]{40}@lifescience-ri\.eu$/)
    expect(claims).not.toHaveProperty('email')
    expect(claims).not.toHaveProperty('eduperson_entitlement')
  })

  it('comes back without the name of the issuer, so that clients need one redirect URI each', async () => {
    const { back } = await askForCode(config, 'alice')
    expect([...back.searchParams.keys()].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['code', 'state'])
  })

  it('fails with another verifier', async () => {
    const { back, checks } = await askForCode(config, 'alice')
    expect(back.searchParams.get('code')).toContain(MARKER)
    const wrong = { ...checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() }
    await expect(openid.authorizationCodeGrant(config, back, wrong)).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('gives an access token that is a JWT of RFC 9068 without groups or audience', async () => {
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ''))
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, { issuer: login.issuer })
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'at+jwt' })
    expect(Object.keys(payload).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['azp', 'exp', 'iat', 'iss', 'jti', 'scope', 'sub'])
    expect(payload).toMatchObject({ sub: subOf('alice'), azp: 'service', scope: SCOPE })
  })

  it('gives an opaque one where that is wished, to people of its own choice', async () => {
    const eve = describePerson({ id: 'eve', familyName: 'Example', claims: { email: 'eve@elsewhere.example.org' } })
    await using opaque = await startStandIn({ clients: CLIENTS, people: [eve], accessTokens: 'opaque' })
    const own = await discover(opaque.issuer)
    const { access_token: token } = await logIn(own, 'eve')
    expect(() => decodeProtectedHeader(token)).toThrow()
    expect(token).toContain(MARKER)
    await expect(openid.fetchUserInfo(own, token, eve.sub)).resolves.toMatchObject({
      name: 'Eve Example',
      email: 'eve@elsewhere.example.org',
    })
  })

  it('can be renewed by the refresh token, which stays the same', async () => {
    const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(renewed.access_token).not.toBe(tokens.access_token)
    expect(renewed.refresh_token).toBe(tokens.refresh_token)
    await expect(openid.fetchUserInfo(config, renewed.access_token, subOf('alice'))).resolves.toBeDefined()
  })

  it('is over where refresh tokens rotate and an old one was shown', async () => {
    await using strict = await startStandIn({ clients: CLIENTS, refreshTokens: 'rotated' })
    const there = await discover(strict.issuer)
    const { refresh_token: first = '' } = await logIn(there, 'alice')
    const { refresh_token: second = '' } = await openid.refreshTokenGrant(there, first)
    expect(second).not.toBe(first)
    for (const shown of [first, second]) {
      await expect(openid.refreshTokenGrant(there, shown)).rejects.toMatchObject({ error: 'invalid_grant' })
    }
  })
})

describe('userinfo', () => {
  it('has the claims of the scopes, entitlements and signed visas among them', async () => {
    const userinfo = await openid.fetchUserInfo(config, tokens.access_token, subOf('alice'))
    expect(userinfo).toMatchObject({ email: 'alice@example.org', eduperson_entitlement: [GROUPS.cancer] })
    expect(userinfo).not.toHaveProperty('eduperson_assurance')
    const [visa] = userinfo.ga4gh_passport_v1 as string[]
    const { jku = '', kid } = decodeProtectedHeader(visa ?? '')
    expect(kid).toBeDefined()
    const { payload } = await jwtVerify(visa ?? '', createRemoteJWKSet(new URL(jku)))
    expect(payload).toMatchObject({ sub: subOf('alice'), ga4gh_visa_v1: { type: 'ControlledAccessGrants', by: 'dac' } })
  })

  it('has no entitlement of one person, and of another only what the home organisation says', async () => {
    const entitlementsOf = async (person: string): Promise<unknown> => {
      const token = await login.mintAccessToken({ person, client: 'service', scopes: ['openid', 'eduperson_entitlement'] })
      return (await openid.fetchUserInfo(config, token, subOf(person))).eduperson_entitlement
    }
    expect(await entitlementsOf('carol')).toEqual([])
    expect(await entitlementsOf('bob')).toEqual([GROUPS.rareDiseases])
    expect(await entitlementsOf('dora')).toEqual([expect.stringContaining('#idp.example.org'), expect.stringContaining('#idp.example.org')])
  })
})

describe('introspection', () => {
  it('answers with the claims of the scopes that the token and the asking client share', async () => {
    expect(await openid.tokenIntrospection(config, tokens.access_token)).toMatchObject({
      active: true,
      iss: login.issuer,
      sub: subOf('alice'),
      client_id: 'service',
      eduperson_entitlement: [GROUPS.cancer],
    })
    const seenByOther = await openid.tokenIntrospection(await discover(login.issuer, 'other'), tokens.access_token)
    expect(seenByOther).toMatchObject({ active: true, email: 'alice@example.org' })
    expect(seenByOther).not.toHaveProperty('eduperson_entitlement')
  })

  it('says inactive of a token that was revoked, and userinfo refuses it', async () => {
    const { access_token: token } = await logIn(config, 'bob')
    await openid.tokenRevocation(config, token)
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false })
    await expect(openid.fetchUserInfo(config, token, subOf('bob'))).rejects.toMatchObject({ status: 401 })
  })
})

describe('client credentials and token exchange', () => {
  const exchange = (parameters: Record<string, string>): Promise<Tokens> =>
    openid.genericGrantRequest(config, EXCHANGE_GRANT, {
      subject_token: tokens.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      ...parameters,
    })

  it('give a client a token of its own, for a resource that it registered', async () => {
    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'openid', resource: RESOURCE })
    expect(decodeJwt(token)).toMatchObject({ sub: 'service', azp: 'service', aud: RESOURCE })
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, aud: RESOURCE })
  })

  it('exchange a token of a person for one that names the resource and who acts', async () => {
    const exchanged = await exchange({ resource: RESOURCE, scope: 'openid email' })
    expect(exchanged.issued_token_type).toBe('urn:ietf:params:oauth:token-type:access_token')
    expect(decodeJwt(exchanged.access_token)).toMatchObject({
      sub: subOf('alice'),
      aud: RESOURCE,
      scope: 'openid email',
      act: { sub: 'service' },
    })
  })

  it('refuse a resource that is not registered, a wider scope, and an exchange that does not say what it wants', async () => {
    const elsewhere = { resource: 'https://elsewhere.example.org/' }
    await expect(openid.clientCredentialsGrant(config, elsewhere)).rejects.toMatchObject({ error: 'invalid_target', status: 400 })
    await expect(exchange(elsewhere)).rejects.toMatchObject({ error: 'invalid_target' })
    await expect(exchange({ scope: 'openid minio_policies' })).rejects.toMatchObject({ error: 'invalid_scope' })
    await expect(exchange({ requested_token_type: '' })).rejects.toMatchObject({ error: 'invalid_request' })
  })
})

describe('the end of a session', () => {
  it('is asked about, and leads back to the service', async () => {
    const browser = openBrowser()
    const page = await browser.open(
      openid.buildEndSessionUrl(config, {
        post_logout_redirect_uri: LOGGED_OUT_URI,
        id_token_hint: tokens.id_token ?? '',
        state: 'over',
      }).href,
    )
    const form = page.kind === 'page' ? findForm(page) : undefined
    expect(form).toBeDefined()
    const end = form && (await browser.submit(form, { logout: 'yes' }, url => url.startsWith(LOGGED_OUT_URI)))
    expect(end).toEqual({ kind: 'stop', url: `${LOGGED_OUT_URI}?state=over` })
  })
})
