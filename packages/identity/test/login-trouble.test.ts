/**
 * The verifier while a login limps: faults of userinfo, discovery and keys, and what the person hears of each.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTokenVerifier, type IssuerOptions, type TokenVerifier, type TokenVerifierOptions } from '../src/index.ts'
import { CLIENT, type LoginServer, SECRET, SUBJECT, startLogin } from './login-server.ts'

const NOW = 1_800_000_000_000

let clock: number
let login: LoginServer

beforeEach(async () => {
  clock = NOW
  login = await startLogin(() => clock)
})
afterEach(async () => {
  await login[Symbol.asyncDispose]()
})

function verifierOf(issuer: Partial<IssuerOptions> = {}, options: Partial<TokenVerifierOptions> = {}): TokenVerifier {
  const rules: IssuerOptions = { issuer: login.issuer, clientId: CLIENT, clientSecret: SECRET, claimsFrom: 'userinfo', ...issuer }
  return createTokenVerifier({ issuers: [rules], now: () => clock, ...options })
}

describe('T02 userinfo', () => {
  const PAGE = { type: 'text/html; charset=utf-8', body: '<h1>Unauthorized: you are not in the group</h1>' }
  it.each([
    ['a web page', PAGE, 'unavailable', "web page instead of data. If this service is still in the login's test phase"],
    ['a redirect to a page', { status: 302, headers: { location: '/oidc/unauthorizedEnvVosGroups' } }, 'unavailable', 'test phase'],
    ['a web page with 403', { ...PAGE, status: 403 }, 'unavailable', 'test phase'],
    ['500', { status: 500, body: 'boom' }, 'unavailable', 'answered 500 when asked for your data. Try again later.'],
    ['503 with a web page', { ...PAGE, status: 503 }, 'unavailable', 'answered 503'],
    ['text', { type: 'text/plain', body: '{}' }, 'unavailable', 'gave no JSON'],
    ['broken JSON', { body: '{"sub":' }, 'unavailable', 'gave broken JSON'],
    ['a signed answer', { type: 'application/jwt', body: 'ey.x.y' }, 'unavailable', 'plain JSON'],
    ['too much', { body: JSON.stringify({ sub: SUBJECT, x: 'x'.repeat(1_100_000) }) }, 'unavailable', 'more than 1048576 bytes'],
    ['nothing', { silent: true }, 'unavailable', 'did not answer in time when asked for your data'],
    ['401', { status: 401 }, 'revoked', 'no longer accepts this token. Log in again.'],
    ['403', { status: 403 }, 'insufficient_scope', 'with the scope openid'],
    ['another person', { body: '{"sub":"eve"}' }, 'subject_mismatch', 'another person'],
    ['nobody', { body: '{"name":"Ann"}' }, 'subject_mismatch', 'another person'],
  ])('answers %s', async (_, fault, expected, detail) => {
    login.faults.set('userinfo', fault)
    const verified = await verifierOf({}, { timeoutMs: 300 }).verify(await login.issue())
    expect(verified.outcome === 'refused' ? verified.reason : verified.outcome).toBe(expected)
    expect(verified).toMatchObject({ detail: expect.stringContaining(detail) })
  })

  it('is not asked to repeat the token: no answer holds any part of one', async () => {
    const token = await login.issue()
    for (const body of [JSON.stringify({ sub: token }), token, `{"error":"${token}"}`]) {
      for (const status of [200, 400, 500]) {
        login.faults.set('userinfo', { status, body })
        const said = JSON.stringify(await verifierOf().verify(token))
        for (const part of token.split('.')) expect(said).not.toContain(part)
      }
    }
  })
})

describe('a login that is not well', () => {
  it.each([
    ['is silent', { silent: true }, 'did not answer in time'],
    ['fails', { status: 500 }, 'answered 500 when asked for its endpoints'],
    ['shows a web page', { type: 'text/html', body: '<p>maintenance' }, 'may be under maintenance'],
  ])('and %s lets nobody in, and is left alone for a while', async (_, fault, detail) => {
    login.faults.set('discovery', fault)
    const verifier = verifierOf({}, { timeoutMs: 300 })
    expect(await verifier.verify(await login.issue())).toMatchObject({ outcome: 'unavailable', detail: expect.stringContaining(detail) })
    await verifier.verify(await login.issue())
    await verifier.verify(await login.issue())
    expect(login.asked).toEqual(['discovery'])
    login.faults.clear()
    clock += 31_000
    expect(await verifier.verify(await login.issue())).toMatchObject({ outcome: 'valid' })
  })

  it('and cannot be reached lets nobody in', async () => {
    const token = await login.issue()
    await login[Symbol.asyncDispose]()
    expect(await verifierOf().verify(token)).toMatchObject({ outcome: 'unavailable', detail: expect.stringContaining('cannot be reached') })
    login = await startLogin()
  })

  it('but has an RFC 8414 document is found by it', async () => {
    login.faults.set('discovery', { status: 404 })
    expect(await verifierOf().verify(await login.issue())).toMatchObject({ outcome: 'valid' })
    expect(login.asked.slice(0, 2)).toEqual(['discovery', 'metadata'])
  })

  it.each([
    ['endpoints beyond loopback by plain http', { jwks_uri: 'http://10.0.0.1/jwk' }],
    ['endpoints that are no addresses', { userinfo_endpoint: 'file:///etc/passwd' }],
    ['endpoints with a password', { userinfo_endpoint: 'https://a:b@example.org/' }],
  ])('and announces %s is not followed', async (_, metadata) => {
    login.metadata = metadata
    expect(await verifierOf().verify(await login.issue())).toMatchObject({
      outcome: 'unavailable',
      detail: expect.stringContaining('not https'),
    })
  })

  it('holds up nobody for longer than the caller waits', async () => {
    login.faults.set('userinfo', { silent: true })
    const caller = new AbortController()
    const verified = verifierOf({}, { timeoutMs: 60_000 }).verify(await login.issue(), { signal: caller.signal })
    while (!login.asked.includes('userinfo')) await new Promise(resolve => setImmediate(resolve))
    caller.abort()
    expect(await verified).toMatchObject({ outcome: 'unavailable' })
  })

  it('holds up nobody beyond the end of the verifier’s owner, nor beyond the time of one verification', async () => {
    login.faults.set('keys', { silent: true })
    const token = await login.issue()
    expect(await verifierOf({}, { timeoutMs: 60_000, totalTimeoutMs: 200 }).verify(token)).toMatchObject({ outcome: 'unavailable' })
    expect(await verifierOf({}, { signal: AbortSignal.abort() }).verify(token)).toMatchObject({ outcome: 'unavailable' })
  })
})
