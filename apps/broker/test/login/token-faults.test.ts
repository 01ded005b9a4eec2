/**
 * What a caller reads whose token of a login is not taken: one row for each fault of the login and of the token.
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

async function ask(token: string) {
  const { status, text, headers } = await world.poll(token)
  const { msg, type } = JSON.parse(text)
  expect(text).not.toContain(token)
  return { status, msg, type, retryAfter: headers['retry-after'] }
}

describe('T02 a token of a login that is no good is 401, with what is wrong and what to do', () => {
  const now = (): number => Math.floor(Date.now() / 1000)
  const rows: readonly [title: string, token: () => Promise<string>, says: string][] = [
    [
      'T02 made for another service',
      () => world.mint({ client: 'other', scopes: ['openid'] }),
      'The token was issued for another service.',
    ],
    ['made for a site', () => world.mint({ claims: { aud: SITE_AUDIENCE } }), 'The token was issued for another service.'],
    ['that has expired', () => world.mint({ ttlSeconds: -120 }), 'The token has expired. Log in again.'],
    ['from the future', () => world.mint({ claims: { nbf: now() + 600 } }), 'The token is from the future.'],
    [
      'without a signature',
      () => world.mint({ signedWith: 'nothing' }),
      'The token is not signed by one of the algorithms that count here',
    ],
    ['signed by somebody else', () => world.mint({ signedWith: 'wrong-key' }), 'The signature of the token is not that of the login.'],
    ['that is an ID token', () => world.mint({ claims: { at_hash: 'x' } }), 'This is a token for another purpose, such as an ID token.'],
    ['that is bound to a key', () => world.mint({ claims: { cnf: { jkt: 'x' } } }), 'The token is bound to a key'],
    ['that names nobody', () => world.mint({ claims: { sub: '' } }), 'The token names no person.'],
    ['that names somebody else', () => world.mint({ claims: { sub: world.personOf('bob').subject } }), 'with the data of another person'],
    ['that is cut off', async () => (await world.mint()).slice(0, -5), 'This is not a token that can be read here. Copy it whole'],
    ['that is none', async () => 'abc.def', 'This is not a token that can be read here.'],
    [
      'that its login has revoked',
      async () => {
        const token = await world.mint({ person: 'dora' })
        await world.login.revokeTokens('dora')
        return token
      },
      'no longer accepts this token. Log in again.',
    ],
  ]
  it.each(rows)('%s', async (_, make, says) => {
    const { status, msg, type } = await ask(await make())
    expect({ status, type }).toEqual({ status: 401, type: 'urn:portolan:error:credential-refused' })
    expect(msg).toContain(says)
  })

  it('T01 of a login that is not admitted, which nobody asks anything', async () => {
    const { status, msg } = await ask(await world.mint({}, world.stranger))
    expect(status).toBe(401)
    expect(msg).toContain(`from a login that is not admitted here. These are: ${world.login.issuer}.`)
    expect(await world.stranger.countRequests()).toEqual({})
  })
})

describe('a new token whose login is in trouble is 503 within ten seconds, with what is wrong and when to come back', () => {
  const rows: readonly [title: string, fault: Fault, says: string][] = [
    ['shows a page where data belong', { kind: 'html', path: '/userinfo' }, 'answered with a web page instead of data'],
    ['is broken', { kind: 'status', path: '/userinfo', status: 500 }, 'answered 500 when asked for your data'],
    ['hangs up', { kind: 'hang-up', path: '/userinfo' }, 'cannot be reached when asked for your data'],
    ['does not answer', { kind: 'slow', path: '/userinfo', ms: 60_000 }, 'did not answer in time when asked for your data'],
  ]
  it.each(rows)('that %s', async (_, fault, says) => {
    const token = await world.mint()
    await world.login.setFaults(fault)
    const answer = await ask(token)
    expect(answer).toMatchObject({ status: 503, type: 'urn:portolan:error:login-unavailable' })
    expect(answer.msg).toContain(says)
    expect(Number(answer.retryAfter)).toBeGreaterThan(0)
    await world.login.setFaults()
    expect((await world.poll(token)).status).toBe(200)
  })

  it('that may have a key which is not known here yet', async () => {
    const answer = await ask(await world.mint({ signedWith: 'unknown-key' }))
    expect(answer).toMatchObject({ status: 503, type: 'urn:portolan:error:login-unavailable' })
    expect(answer.msg).toContain('may have a new key that is not known here yet')
  })
})

describe('a way to log in that is asked for', () => {
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
