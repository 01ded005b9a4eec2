/**
 * A device that logs in at a broker in required mode: RFC 8628 from outside, with a real login and a person at the page.
 */

import { gzipSync } from 'node:zlib'
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose'
import * as oauth from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeToken } from '../../apps/broker/src/auth/tokens/opaque-token.ts'
import { secureRandom } from '../../apps/broker/src/auth/tokens/random-source.ts'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import {
  approve,
  CLIENT,
  DEVICE_GRANT,
  logInDevice,
  poll,
  postForm,
  projectsBy,
  refresh,
  refusalOf,
  startLogin,
  tokensOf,
} from '../harness/oauth.ts'
import { decideAtBroker } from '../harness/visitor.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { GROUPS } from '../login/people.ts'

let broker: BrokerWithLogin
let ahead = 0

beforeAll(async () => {
  broker = await startBrokerWithLogin({
    projects: [
      { id: 'cancer', name: 'Cancer cohorts', members: [GROUPS.cancer] },
      { id: 'second', name: 'Second study', members: [GROUPS.cancer] },
    ],
    limits: GENEROUS,
    options: { now: () => Date.now() + ahead },
  })
})
afterAll(() => broker[Symbol.asyncDispose]())

/** Everybody here comes from one address. */
const GENEROUS = {
  rates: { address: { failures: { atOnce: 1_000, perMinute: 1_000 } }, person: { logins: { atOnce: 1_000, perMinute: 1_000 } } },
}

describe('a device that logs in', () => {
  it('gets what the person has approved, for fifteen minutes, and nothing that is kept on the way', async () => {
    const started = await startLogin(broker.url, { scope: 'read' })
    await approve(broker.url, 'alice', started)
    const answer = await poll(broker.url, started)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.stringMatching(/^portolan_rt_/),
      scope: 'read',
    })
    const { access } = tokensOf(answer)
    expect(decodeJwt(access)).toMatchObject({ iss: broker.url, aud: broker.url, scope: 'read', client_id: CLIENT })
    expect(await projectsBy(broker.url, access)).toEqual(['cancer', 'second'])
    const create = await fetch(`${broker.url}/ga4gh/tes/v1/tasks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access}` },
      body: '{}',
    })
    expect(create.status).toBe(403)
  })

  it('is bound to the project that the person has chosen', async () => {
    const { access, project } = await logInDevice(broker.url, 'alice', { project: 'second' })
    expect([project, await projectsBy(broker.url, access)]).toEqual(['second', ['second']])
  })

  it('is let in as what the person is: who is no administrator gives no scope admin away', async () => {
    const tokens = await logInDevice(broker.url, 'alice', { scope: 'admin read' })
    expect(tokens.scope).toBe('read')
  })

  it('waits, is told when it asks too fast, and gets its answer all the same', async () => {
    const started = await startLogin(broker.url)
    expect(refusalOf(await poll(broker.url, started))).toEqual([400, 'authorization_pending', 'Nobody has decided yet.'])
    expect(refusalOf(await poll(broker.url, started))).toEqual([400, 'slow_down', 'That was too early: ask every 10 seconds.'])
    await approve(broker.url, 'alice', started)
    expect((await poll(broker.url, started)).status).toBe(200)
  })

  it('is told that it was refused', async () => {
    const started = await startLogin(broker.url)
    await decideAtBroker(broker.url, 'alice', started.userCode, { decision: 'refuse' })
    expect(refusalOf(await poll(broker.url, started))).toEqual([400, 'access_denied', 'The login was refused at the page.'])
  })

  it('is told that its time is over, though it was approved', async () => {
    const started = await startLogin(broker.url)
    await approve(broker.url, 'alice', started)
    ahead += 10 * 60_000
    expect(refusalOf(await poll(broker.url, started))).toEqual([400, 'expired_token', expect.stringContaining('Begin again')])
    ahead = 0
  })

  it('shares its approval with nobody: of two that poll at once, twenty times each, one wins', async () => {
    const started = await startLogin(broker.url)
    await approve(broker.url, 'alice', started)
    const answers = await Promise.all(Array.from({ length: 40 }, () => poll(broker.url, started)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const rest = answers.filter(({ status }) => status !== 200).map(({ status, body }) => [status, body.error])
    expect(rest).toEqual(Array(39).fill([400, 'invalid_grant']))
  })

  it('T14 is its own client: by another client_id its code is nothing, and is not used up', async () => {
    const started = await startLogin(broker.url)
    await approve(broker.url, 'alice', started)
    expect((await poll(broker.url, started, 'somebody-else')).body.error).toBe('invalid_grant')
    expect((await poll(broker.url, started)).status).toBe(200)
  })
})

describe('a client that knows OAuth and nothing of this broker', () => {
  it('finds everything by the metadata, logs in, refreshes and revokes', async () => {
    const client = await oauth.discovery(new URL(broker.url), 'any client', undefined, oauth.None(), {
      algorithm: 'oauth2',
      execute: [oauth.allowInsecureRequests],
    })
    expect(client.serverMetadata()).toMatchObject({ issuer: broker.url, response_types_supported: [] })
    const started = await oauth.initiateDeviceAuthorization(client, { scope: 'read write' })
    expect(started.verification_uri_complete).toBe(`${broker.url}/app/device?user_code=${started.user_code}`)
    await approve(broker.url, 'bob', { userCode: started.user_code, deviceCode: started.device_code })
    const first = await oauth.pollDeviceAuthorizationGrant(client, { ...started, interval: 1 })
    const second = await oauth.refreshTokenGrant(client, first.refresh_token ?? '')
    expect(await projectsBy(broker.url, second.access_token)).toEqual([])
    await oauth.tokenRevocation(client, second.refresh_token ?? '')
    await expect(oauth.refreshTokenGrant(client, second.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('verifies an access token by the published keys, which have no private part', async () => {
    const { access } = await logInDevice(broker.url, 'alice')
    const answer = await fetch(`${broker.url}/portolan/v1/oauth/keys`)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    const keys: JSONWebKeySet = await answer.json()
    expect(keys.keys.flatMap(Object.keys)).not.toContain('d')
    const { payload } = await jwtVerify(access, createLocalJWKSet(keys), { issuer: broker.url, audience: broker.url, typ: 'at+jwt' })
    expect(payload.client_id).toBe(CLIENT)
  })
})

describe('T14 a request that is not as it must be', () => {
  const SECRET = makeToken('device', secureRandom).text
  const FORM = 'application/x-www-form-urlencoded'
  const send = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(`${broker.url}/portolan/v1/oauth/${path}`, { method: 'POST', headers: { 'content-type': FORM, ...headers }, body })
  const asked = (more: string) => `grant_type=${encodeURIComponent(DEVICE_GRANT)}&client_id=cli&${more}`

  it.each<[string, string, string | Uint8Array<ArrayBuffer>, string, Record<string, string>?]>([
    ['names no client', 'device', 'scope=read', 'invalid_request'],
    ['names a client without a name', 'device', 'client_id=', 'invalid_request'],
    ['names a client over several lines', 'device', 'client_id=cli%0AApproved', 'invalid_request'],
    ['names a client with marks that turn a line round', 'device', `client_id=${encodeURIComponent('cli\u202egpj')}`, 'invalid_request'],
    ['names a client with markup', 'device', 'client_id=%3Cb%3Ecli', 'invalid_request'],
    ['names a client at length', 'device', `client_id=${'c'.repeat(81)}`, 'invalid_request'],
    ['asks for a scope that there is not', 'device', 'client_id=cli&scope=read+root', 'invalid_scope'],
    ['asks for scopes with two blanks between', 'device', 'client_id=cli&scope=read++write', 'invalid_scope'],
    ['says a thing twice', 'device', 'client_id=cli&client_id=cli', 'invalid_request'],
    ['is JSON', 'device', '{"client_id":"cli"}', 'invalid_request', { 'content-type': 'application/json' }],
    ['is compressed', 'device', new Uint8Array(gzipSync('client_id=cli')), 'invalid_request', { 'content-encoding': 'gzip' }],
    ['is longer than anything needs to be', 'token', asked(`device_code=${'x'.repeat(9_000)}`), 'invalid_request'],
    ['is not UTF-8', 'device', new Uint8Array([99, 61, 0xff]), 'invalid_request'],
    ['says not what it brings', 'token', 'client_id=cli', 'invalid_request'],
    ['brings what gives no tokens', 'token', 'grant_type=password&client_id=cli&username=a&password=b', 'unsupported_grant_type'],
    ['brings no device code', 'token', asked(''), 'invalid_request'],
    ['brings a device code that is cut off', 'token', asked(`device_code=${SECRET.slice(0, -1)}`), 'invalid_grant'],
    ['brings a device code that was never given out', 'token', asked(`device_code=${SECRET}`), 'invalid_grant'],
    ['brings no refresh token', 'token', 'grant_type=refresh_token&client_id=cli', 'invalid_request'],
    ['brings a device code as a refresh token', 'token', `grant_type=refresh_token&client_id=cli&refresh_token=${SECRET}`, 'invalid_grant'],
    ['revokes nothing', 'revoke', 'token_type_hint=refresh_token', 'invalid_request'],
    ['revokes what does not end here', 'revoke', `token=${SECRET}`, 'unsupported_token_type'],
  ])('it %s', async (_, path, body, error, headers) => {
    const answer = await send(path, body, headers)
    const text = await answer.text()
    expect([answer.status, JSON.parse(text)]).toEqual([400, { error, error_description: expect.stringMatching(/^[A-Za-z].*\.$/) }])
    expect([answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual(['application/json', 'no-store'])
    for (const secret of [SECRET.slice(12), 'gpj', 'root', 'xxxxx']) expect(text).not.toContain(secret)
  })

  it('it asks with another method', async () => {
    const answer = await fetch(`${broker.url}/portolan/v1/oauth/token?grant_type=refresh_token`)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('a credential in a header changes nothing: the form says all', async () => {
    const headers = { authorization: `Bearer ${makeSecret('nonsense')}`, cookie: `__Host-portolan_session=${makeSecret('nonsense')}` }
    expect((await send('device', 'client_id=cli', headers)).status).toBe(200)
  })
})

describe('T02 a token that is given up', () => {
  it('ends the login with every access token, at once', async () => {
    const tokens = await logInDevice(broker.url, 'alice')
    expect(await projectsBy(broker.url, tokens.access)).toEqual(['cancer', 'second'])
    const answer = await postForm(broker.url, 'revoke', { token: tokens.refresh, token_type_hint: 'access_token' })
    expect([answer.status, answer.body]).toEqual([200, {}])
    expect(await projectsBy(broker.url, tokens.access)).toBe(401)
    expect(refusalOf(await refresh(broker.url, tokens.refresh))).toEqual([
      400,
      'invalid_grant',
      'This login was ended by its device. Log in again.',
    ])
    expect((await postForm(broker.url, 'revoke', { token: tokens.refresh })).status).toBe(200)
  })

  it.each([
    ['was never given out', `portolan_rt_${'0'.repeat(49)}`],
    ['is cut off', 'portolan_rt_0'],
    ['is none at all', 'hello'],
  ])('is no error if it %s', async (_, token) => {
    expect((await postForm(broker.url, 'revoke', { token })).status).toBe(200)
  })

  it('is not said to have ended if it cannot: an access token ends with its login', async () => {
    const { access } = await logInDevice(broker.url, 'alice')
    expect((await postForm(broker.url, 'revoke', { token: access })).body.error).toBe('unsupported_token_type')
    expect(await projectsBy(broker.url, access)).toEqual(['cancer', 'second'])
  })
})
