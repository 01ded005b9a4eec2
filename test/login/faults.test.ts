import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../harness/until.ts'
import { SFA } from './discovery.ts'
import type { Fault } from './faults.ts'
import { cancelLogin } from './person.ts'
import { askForCode, CLIENTS, discover, logIn, REDIRECT_URI } from './service.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

let login: StandIn

beforeAll(async () => {
  login = await startStandIn({ clients: CLIENTS })
})
afterEach(() => login.setFaults())
afterAll(() => login[Symbol.asyncDispose]())

const subOf = (id: string): string => login.people.find(person => person.id === id)?.sub ?? ''

/** What openid-client says of the whole way from discovery to userinfo. */
async function tryLogin(timeoutSeconds = 20): Promise<openid.UserInfoResponse> {
  const config = await discover(login.issuer)
  config.timeout = timeoutSeconds
  const tokens = await logIn(config, 'alice')
  return openid.fetchUserInfo(config, tokens.access_token, subOf('alice'))
}

describe('a fault of the ID token is seen by a client that checks', () => {
  it.each<[Fault['kind'], string, string]>([
    ['wrong-issuer', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'unexpected JWT "iss" (issuer) claim value'],
    ['wrong-audience', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'unexpected JWT "aud" (audience) claim value'],
    ['wrong-nonce', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'unexpected ID Token "nonce" claim value'],
    ['no-nonce', 'OAUTH_INVALID_RESPONSE', 'JWT "nonce" (nonce) claim missing'],
    ['expired', 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED', 'expiration is past current timestamp'],
    ['unsigned', 'OAUTH_INVALID_RESPONSE', 'unexpected JWT "alg" header parameter'],
    ['bad-signature', 'OAUTH_INVALID_RESPONSE', 'JWT signature verification failed'],
    ['unknown-key', 'OAUTH_KEY_SELECTION_FAILED', 'no applicable keys found'],
  ])('%s: %s', async (kind, code, says) => {
    await login.setFaults({ kind } as Fault)
    await expect(tryLogin()).rejects.toMatchObject({ code, cause: { message: expect.stringContaining(says) } })
  })

  it('no-mfa: it says one factor, although two were asked for', async () => {
    await login.setFaults({ kind: 'no-mfa' })
    expect((await logIn(await discover(login.issuer), 'alice')).claims()).toMatchObject({ acr: SFA, amr: ['pwd'] })
  })
})

describe('a fault of a path is seen there and nowhere else', () => {
  const paths = ['/.well-known/openid-configuration', '/token', '/jwk', '/userinfo'] as const
  const faults: [Fault, object][] = [
    [{ kind: 'html' }, { code: 'OAUTH_RESPONSE_IS_NOT_JSON' }],
    [{ kind: 'status', status: 500 }, { code: 'OAUTH_RESPONSE_IS_NOT_CONFORM' }],
    [{ kind: 'hang-up' }, { message: 'fetch failed' }],
    [{ kind: 'slow', ms: 60_000 }, { code: 'OAUTH_TIMEOUT' }],
  ]
  const rows = faults.flatMap(([fault, seen]) => (fault.kind === 'slow' ? paths.slice(-1) : paths).map(path => ({ fault, path, seen })))

  it.each(rows)('$fault.kind at $path', async ({ fault, path, seen }) => {
    await login.setFaults({ ...fault, path } as Fault)
    await expect(tryLogin(fault.kind === 'slow' ? 1 : undefined)).rejects.toMatchObject(seen)
  })

  it('or everywhere, where it names no path', async () => {
    await login.setFaults({ kind: 'status', status: 503 })
    const answers = await Promise.all(['jwk', 'userinfo', 'anything'].map(path => fetch(`${login.issuer}${path}`)))
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
  })

  it('and is over when it is switched off', async () => {
    await login.setFaults({ kind: 'html' })
    await login.setFaults()
    await expect(tryLogin()).resolves.toMatchObject({ sub: subOf('alice') })
  })
})

describe('a person', () => {
  it('never comes back to a service in its test phase, and sees a page', async () => {
    const config = await discover(login.issuer)
    await login.setFaults({ kind: 'test-phase' })
    await expect(askForCode(config, 'alice')).rejects.toThrow('403 Unauthorized environment This service is in its test phase')
  })

  it('comes back without a code when they cancel', async () => {
    const config = await discover(login.issuer)
    const url = openid.buildAuthorizationUrl(config, { redirect_uri: REDIRECT_URI, scope: 'openid', state: 'mine' })
    const back = new URL(await cancelLogin(url.href))
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ error: 'access_denied', state: 'mine' })
    expect(back.searchParams.has('iss')).toBe(false)
  })

  it('loses what is taken from them at the next look', async () => {
    const config = await discover(login.issuer)
    const token = await login.mintAccessToken({ person: 'anton', client: 'service', scopes: ['openid', 'email', 'eduperson_entitlement'] })
    await login.setClaims('anton', { eduperson_entitlement: [], email: null })
    const userinfo = await openid.fetchUserInfo(config, token, subOf('anton'))
    expect(userinfo).toMatchObject({ eduperson_entitlement: [] })
    expect(userinfo).not.toHaveProperty('email')
  })

  it('is logged out everywhere when their tokens are revoked', async () => {
    const config = await discover(login.issuer)
    const tokens = await logIn(config, 'dora')
    await login.revokeTokens('dora')
    expect(await openid.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false })
    await expect(openid.fetchUserInfo(config, tokens.access_token, subOf('dora'))).rejects.toMatchObject({ status: 401 })
    await expect(openid.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
  })
})

describe('keys that rotate', () => {
  const verify = (token: string): Promise<unknown> => jwtVerify(token, createRemoteJWKSet(new URL(`${login.issuer}jwk`)))
  const mint = (): Promise<string> => login.mintAccessToken({ person: 'alice', client: 'service' })

  it('leave older tokens good with an overlap, and without one not', async () => {
    const [before, config] = [await mint(), await discover(login.issuer)]
    await login.rotateKeys({ overlap: true })
    await expect(Promise.all([verify(before), verify(await mint())])).resolves.toHaveLength(2)
    await login.rotateKeys({ overlap: false })
    await expect(verify(before)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
    await expect(verify(await mint())).resolves.toBeDefined()
    await expect(logIn(config, 'alice')).resolves.toBeDefined()
  })
})

describe('a minted access token', () => {
  it('is for the person, client, scopes and time that were asked for', async () => {
    const token = await login.mintAccessToken({ person: 'bob', client: 'other', scopes: ['openid', 'email'], ttlSeconds: 60 })
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${login.issuer}jwk`)))
    expect(payload).toMatchObject({ iss: login.issuer, sub: subOf('bob'), azp: 'other', scope: 'openid email' })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
  })

  it('can lie, and can be over', async () => {
    const config = await discover(login.issuer)
    const verify = (token: string): Promise<unknown> => jwtVerify(token, createRemoteJWKSet(new URL(`${login.issuer}jwk`)))
    const lying = await login.mintAccessToken({ person: 'bob', client: 'service', claims: { iss: 'https://evil.example.org/' } })
    await expect(verify(lying)).resolves.toMatchObject({ payload: { iss: 'https://evil.example.org/' } })
    await expect(openid.fetchUserInfo(config, lying, subOf('bob'))).rejects.toMatchObject({ status: 401 })
    const forged = await login.mintAccessToken({ person: 'bob', client: 'service', signedWith: 'wrong-key' })
    await expect(verify(forged)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' })
    const over = await login.mintAccessToken({ person: 'bob', client: 'service', ttlSeconds: -60 })
    await expect(verify(over)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' })
    expect(await openid.tokenIntrospection(config, over)).toEqual({ active: false })
  })

  it('is refused for people and clients that nobody knows', async () => {
    await expect(login.mintAccessToken({ person: 'zoe', client: 'service' })).rejects.toThrow('nobody is called zoe: name one of alice')
    await expect(login.mintAccessToken({ person: 'bob', client: 'nobody' })).rejects.toThrow('no client is called nobody')
  })
})

describe('requests', () => {
  it('are counted by path, so that a test can say that there was none', async () => {
    await using foreign = await startStandIn({ clients: CLIENTS })
    expect(await foreign.countRequests()).toEqual({})
    await logIn(await discover(foreign.issuer), 'alice')
    expect(await foreign.countRequests()).toEqual({
      '/oidc/.well-known/openid-configuration': 1,
      '/oidc/authorize': 1,
      '/oidc/authorize/*': 2,
      '/interaction/*': 3,
      '/oidc/token': 1,
      '/oidc/jwk': 1,
    })
  })
})

describe('a stand-in', () => {
  it('that cannot start says so', async () => {
    const port = Number(new URL(login.issuer).port)
    await expect(startStandIn({ clients: CLIENTS, port })).rejects.toThrow(/the login ended before it listened: .*EADDRINUSE/s)
  })

  it('ends with the process that started it, however that one ends', async () => {
    const starts = `const { startStandIn } = await import(process.argv[1]); console.log((await startStandIn({ clients: [] })).issuer)`
    const module = new URL('stand-in.ts', import.meta.url).href
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', starts, module], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [issuer] = await once(createInterface({ input: parent.stdout }), 'line')
    expect((await fetch(`${issuer}jwk`)).status).toBe(200)
    parent.kill('SIGKILL')
    await until('the stand-in has ended', () =>
      fetch(`${issuer}jwk`).then(
        () => false,
        () => true,
      ),
    )
  })

  it('that is stopped answers nobody', async () => {
    const stopped = await startStandIn({ clients: CLIENTS })
    await stopped[Symbol.asyncDispose]()
    await expect(fetch(`${stopped.issuer}jwk`)).rejects.toThrow('fetch failed')
    await expect(stopped.setFaults()).rejects.toThrow()
  })
})
