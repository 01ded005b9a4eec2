/**
 * What a caller reads whose token of a login is not taken: one row for each fault of the login and of the token. A nonce can be wrong at the web login
 * alone: `test/e2e/web-login-faults.test.ts` has the same table for its pages.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../../../../test/login/faults.ts'
import { type LoginWorld, SITE_AUDIENCE, startWorld } from './login-world.ts'

let world: LoginWorld
beforeAll(async () => {
  world = await startWorld()
  // The keys are known from here on, so that a fault of a path is one of that path alone.
  expect((await world.poll(await world.mint())).status).toBe(200)
})
afterEach(() => world.login.setFaults())
afterAll(() => world[Symbol.asyncDispose]())

/** What the caller reads, with `LOGIN` for the issuer. */
async function ask(token: string, at = world) {
  const { status, text, headers } = await at.poll(token)
  const { msg = '', type }: { readonly msg?: string; readonly type?: string } = JSON.parse(text)
  expect(text).not.toContain(token)
  return { status, type, says: msg.replaceAll(at.login.issuer, 'LOGIN'), retryAfter: Number(headers['retry-after']) }
}

const refused = (says: string) => ({ status: 401, type: 'urn:portolan:error:credential-refused', says, retryAfter: Number.NaN })
const unavailable = (says: string) => ({
  status: 503,
  type: 'urn:portolan:error:login-unavailable',
  says,
  retryAfter: expect.toSatisfy((seconds: number) => seconds > 0),
})

describe('T02 a token of a login that is no good is 401, with what is wrong and what to do', () => {
  const now = (): number => Math.floor(Date.now() / 1000)
  const elsewhere = 'The token was issued for another service. Get one for this service: log in here.'
  const unreadable = 'This is not a token that can be read here. Copy it whole, without quotes, or log in again.'
  const rows: readonly [title: string, token: () => Promise<string>, says: string][] = [
    ['made for another service', () => world.mint({ client: 'other', scopes: ['openid'] }), elsewhere],
    ['made for a site', () => world.mint({ claims: { aud: SITE_AUDIENCE } }), elsewhere],
    ['that has expired', () => world.mint({ ttlSeconds: -120 }), 'The token has expired. Log in again.'],
    [
      'from the future',
      () => world.mint({ claims: { nbf: now() + 600 } }),
      'The token is from the future. Compare the clocks of this service and of the login.',
    ],
    [
      'T01 without a signature',
      () => world.mint({ signedWith: 'nothing' }),
      'The token is not signed by one of the algorithms that count here (RS256, PS256, ES256, ES384, EdDSA, Ed25519). Log in again.',
    ],
    [
      'T01 signed by somebody else',
      () => world.mint({ signedWith: 'wrong-key' }),
      'The signature of the token is not that of the login. Log in again.',
    ],
    [
      'that is an ID token',
      () => world.mint({ claims: { nonce: 'n', at_hash: 'x' } }),
      'This is a token for another purpose, such as an ID token. Send an access token.',
    ],
    [
      'that is bound to a key',
      () => world.mint({ claims: { cnf: { jkt: 'x' } } }),
      'The token is bound to a key, and cannot be sent as a bearer token. Get one that is not bound.',
    ],
    [
      'that names nobody',
      () => world.mint({ claims: { sub: '' } }),
      'The token names no person. Ask the operators of the login to put "sub" into it.',
    ],
    [
      'that names somebody else',
      () => world.mint({ claims: { sub: world.personOf('bob').subject } }),
      'The login LOGIN answered with the data of another person. Log in again.',
    ],
    [
      'without the scope that shows who it is',
      () => world.mint({ scopes: ['email'] }),
      'The login LOGIN gives no data about you for this token. Log in again with the scope openid.',
    ],
    ['that is cut off', async () => (await world.mint()).slice(0, -5), unreadable],
    ['that is none', async () => 'abc.def', unreadable],
    [
      'that its login has revoked',
      async () => {
        const token = await world.mint({ person: 'dora' })
        await world.login.revokeTokens('dora')
        return token
      },
      'The login LOGIN no longer accepts this token. Log in again.',
    ],
  ]
  it.each(rows)('%s', async (_, make, says) => {
    expect(await ask(await make())).toEqual(refused(says))
  })

  it('T01 of a login that is not admitted, which nobody asks anything', async () => {
    expect(await ask(await world.mint({}, await world.stranger()))).toEqual(
      refused('The token is from a login that is not admitted here. These are: LOGIN. Log in by one of them.'),
    )
    expect(await (await world.stranger()).countRequests()).toEqual({})
  })
})

describe('a new token whose login is in trouble is 503 within ten seconds, with what is wrong and when to come back', () => {
  const PAGE =
    "The login LOGIN answered with a web page instead of data. If this service is still in the login's test phase, only members of its test group get through: ask the operators of this service how to join. Otherwise the login may be under maintenance: try again later."
  const rows: readonly [title: string, fault: Fault, says: string][] = [
    ['shows a page where data belong', { kind: 'html', path: '/userinfo' }, PAGE],
    [
      'is broken',
      { kind: 'status', path: '/userinfo', status: 500 },
      'The login LOGIN answered 500 when asked for your data. Try again later.',
    ],
    ['hangs up', { kind: 'hang-up', path: '/userinfo' }, 'The login LOGIN cannot be reached when asked for your data. Try again later.'],
    [
      'does not answer',
      { kind: 'slow', path: '/userinfo', ms: 60_000 },
      'The login LOGIN did not answer in time when asked for your data. Try again later.',
    ],
  ]
  it.each(rows)('that %s', async (_, fault, says) => {
    const token = await world.mint()
    await world.login.setFaults(fault)
    expect(await ask(token)).toEqual(unavailable(says))
    await world.login.setFaults()
    expect((await world.poll(token)).status).toBe(200)
  })

  const early: readonly [title: string, fault: Fault, says: string][] = [
    ['shows a page where its keys belong', { kind: 'html', path: '/jwk' }, PAGE],
    [
      'has no discovery document',
      { kind: 'status', status: 503 },
      'The login LOGIN answered 503 when asked for its endpoints. Try again later.',
    ],
    [
      'gives no discovery document in time',
      { kind: 'slow', ms: 60_000 },
      'The login LOGIN did not answer in time when asked for its endpoints. Try again later.',
    ],
  ]
  it.each(early)('that %s, where nothing is known of it yet', async (_, fault, says) => {
    await using fresh = await startWorld({ faults: [fault] })
    expect(await ask(await fresh.mint(), fresh)).toEqual(unavailable(says))
  })

  it('T19 that has changed its keys: they are asked for after half a minute, and then an old token is refused', async () => {
    await using rotated = await startWorld()
    const known = await rotated.mint()
    const old = await rotated.mint()
    expect((await rotated.poll(known)).status).toBe(200)
    await rotated.login.rotateKeys({ overlap: false })
    const young = await rotated.mint()
    expect(await ask(young, rotated)).toEqual(
      unavailable('The login LOGIN may have a new key that is not known here yet. Try again in half a minute.'),
    )
    rotated.advance(31_000)
    expect((await rotated.poll(young)).status).toBe(200)
    rotated.advance(31_000)
    expect(await ask(old, rotated)).toEqual(refused('The token is signed by a key that the login LOGIN does not have. Log in again.'))
    expect((await rotated.poll(known)).status).toBe(200)
  })
})

describe('T01 a way to log in that is asked for', () => {
  it('is missing in a token that does not say it, and the caller is told', async () => {
    await using strict = await startWorld({ issuer: { name: 'LS Login', acrValues: ['https://refeds.org/profile/mfa'] } })
    const { status, text } = await strict.poll(await strict.mint())
    expect(status).toBe(401)
    expect(JSON.parse(text).msg).toContain('LS Login does not say how you logged in, and here only https://refeds.org/profile/mfa counts.')
    await strict.comeBack('alice')
    await strict.login.setFaults({ kind: 'no-mfa' })
    await expect(strict.comeBack('bob')).rejects.toThrow('says that you logged in by "https://refeds.org/profile/sfa"')
  })
})

it('T09 no line of any log holds a token or the secret of the broker', async () => {
  const token = await world.mint()
  await world.poll(token)
  await world.poll(`${token}x`)
  const lines = [...world.opened().logged, ...world.api.accessLines].join('\n')
  expect(world.api.errors).toEqual([])
  expect(lines).not.toContain(token.slice(-40))
  expect(lines).not.toContain('service-secret')
})
