/**
 * What a credential costs that is known, and how long it is: counted by the questions that the login gets.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../../../test/harness/until.ts'
import { KNOWN_TTL_MS } from '../../src/auth/tokens/known-tokens.ts'
import { call } from '../call.ts'
import { type LoginWorld, startWorld } from './login-world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const HANGS = { kind: 'slow', ms: 600_000 } as const

let open: LoginWorld[] = []
afterEach(async () => {
  await Promise.all(open.map(world => world[Symbol.asyncDispose]()))
  open = []
})

async function start(...args: Parameters<typeof startWorld>): Promise<LoginWorld> {
  const world = await startWorld(...args)
  open.push(world)
  return world
}

/** What the login was asked but for its discovery document, which is looked at all the time. */
async function questions({ login }: LoginWorld): Promise<number> {
  const { '/oidc/.well-known/openid-configuration': _, ...rest } = await login.countRequests()
  return Object.values(rest).reduce((sum, count) => sum + count, 0)
}

async function pollMany(world: LoginWorld, token: string): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let index = 0; index < 10; index++) statuses.push((await world.poll(token)).status)
  return [...new Set(statuses)]
}

describe('while its login hangs', () => {
  it('a token of the login that was seen before goes on, and waits for nobody', async () => {
    const world = await start()
    const token = await world.mint({ ttlSeconds: 7_200 })
    expect(await pollMany(world, token)).toEqual([200])
    const asked = await questions(world)
    await world.login.setFaults(HANGS)
    expect(await pollMany(world, token)).toEqual([200])
    world.advance(KNOWN_TTL_MS + 1)
    expect(await pollMany(world, token)).toEqual([200])
    expect(await questions(world)).toBe(asked)
    // By now the login is to be asked again about the token, and for its keys: behind the back of those who show it, and once.
    world.advance(20 * MINUTE_MS)
    expect(await pollMany(world, token)).toEqual([200])
    expect(await questions(world)).toBeLessThanOrEqual(asked + 2)
    expect((await world.create(token)).status).toBe(200)
  })

  it('tokens of the broker go on, in a process that has just started too', async () => {
    const world = await start()
    await world.comeBack('alice')
    const personal = await world.givePersonal('alice')
    const access = await world.giveAccess('alice')
    await world.login.setFaults(HANGS)
    const asked = await questions(world)
    for (const { text } of [personal, access]) {
      expect(await pollMany(world, text)).toEqual([200])
      expect((await world.create(text)).status).toBe(200)
      await using another = await world.openAnother()
      expect(await another.login.authenticator.authenticate({ authorization: `Bearer ${text}` }, '203.0.113.7')).toMatchObject({
        ...world.personOf('alice'),
        memberOf: ['cancer'],
      })
    }
    expect(await questions(world)).toBe(asked)
  })

  it('a new token of the login is 503, and however many show it, one question is on the way', async () => {
    const world = await start()
    expect((await world.poll(await world.mint())).status).toBe(200)
    const asked = await questions(world)
    const token = await world.mint({ person: 'bob' })
    await world.login.setFaults(HANGS)
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.poll(token)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
    expect(await questions(world)).toBe(asked + 1)
  })
})

describe('T02 a token that is ended', () => {
  it('counts no more from the next request on, and in other processes after half a minute', async () => {
    const world = await start()
    await world.comeBack('alice')
    const { text, id } = await world.givePersonal('alice')
    await using another = await world.openAnother()
    const elsewhere = () => another.login.authenticator.authenticate({ authorization: `Bearer ${text}` }, '203.0.113.7')
    expect((await world.poll(text)).status).toBe(200)
    expect(await elsewhere()).toMatchObject({ tokenId: id })
    const other = await world.giveAccess('alice')
    expect((await world.revoke(other.text, id)).status).toBe(204)
    const refused = await world.poll(text)
    expect([refused.status, JSON.parse(refused.text).msg]).toEqual([401, expect.stringContaining('The personal token was revoked.')])
    world.advance(KNOWN_TTL_MS + 1)
    expect(await elsewhere()).toMatchObject({ outcome: 'refused', reason: 'revoked' })
  })

  it('takes with it what hangs on it: an ended refresh family its access tokens', async () => {
    const world = await start()
    await world.comeBack('alice')
    const { text, familyId } = await world.giveAccess('alice')
    expect((await world.poll(text)).status).toBe(200)
    const principal = { ...world.personOf('alice'), roles: [], scopes: ['read', 'write'] } as const
    await world.api.logins.execute({ kind: 'revokeFamily', principal, id: familyId, now: Date.now() })
    world.opened().login.known.family(familyId)
    const refused = await world.poll(text)
    expect([refused.status, JSON.parse(refused.text).msg]).toEqual([401, expect.stringContaining('has ended. Log in again.')])
  })

  it('by its login is found out behind the back of who shows it', async () => {
    const world = await start()
    const token = await world.mint({ person: 'dora', ttlSeconds: 7_200 })
    expect((await world.poll(token)).status).toBe(200)
    await world.login.revokeTokens('dora')
    expect((await world.poll(token)).status).toBe(200)
    world.advance(11 * MINUTE_MS)
    await until('the token is refused', async () => (await world.poll(token)).status === 401)
  })
})

describe('T02 a token by a key that its login has withdrawn', () => {
  it('is found out behind the back of who shows it, though the login had vouched for it', async () => {
    const world = await start()
    const token = await world.mint({ ttlSeconds: 7_200 })
    expect((await world.poll(token)).status).toBe(200)
    const keyQuestions = async () => (await world.login.countRequests())['/oidc/jwk'] ?? 0
    const before = await keyQuestions()
    await world.login.rotateKeys({ overlap: false })
    // The login is asked about the token again, and for its keys; the keys that are at hand still count for that.
    world.advance(11 * MINUTE_MS)
    expect((await world.poll(token)).status).toBe(200)
    await until('the keys are asked for', async () => (await keyQuestions()) > before)
    const once = await keyQuestions()
    world.advance(11 * MINUTE_MS)
    const statusAndWords = async () => {
      const { status, text } = await world.poll(token)
      return [status, JSON.parse(text).msg]
    }
    const refused = [401, expect.stringContaining('The token is signed by a key that the login')]
    let answer = await statusAndWords()
    await until('the keys are asked for again', async () => {
      answer = await statusAndWords()
      return (await keyQuestions()) > once
    })
    // What the login says now counts as soon as it is here.
    for (let tries = 0; tries < 500 && answer[0] === 200; tries++) answer = await statusAndWords()
    expect(answer).toEqual(refused)
  })
})

describe('the use of a personal token', () => {
  it('is written down in the background', async () => {
    const world = await start()
    await world.comeBack('alice')
    const { text, id } = await world.givePersonal('alice')
    await world.poll(text)
    const principal = { ...world.personOf('alice'), roles: [], scopes: ['read', 'write'] } as const
    await until('the use is written', () => {
      world.advance(MINUTE_MS)
      const { rows } = world.api.logins.listTokens(principal, { size: 10 })
      return rows.some(row => row.id === id && row.lastUsedAt !== undefined)
    })
  })
})

describe('what a login has said of a person', () => {
  const old = { claimsMaxAgeMs: HOUR_MS }

  it('is told with the first answer to a token of somebody who is new here', async () => {
    const world = await start()
    const first = JSON.parse((await world.poll(await world.mint({ person: 'alice' }), '/portolan/v1/me')).text)
    expect(first).toMatchObject({ name: expect.any(String), claims: { said_at: expect.any(String) } })
  })

  it('is asked for again behind the back of the person, once it is old', async () => {
    const world = await start()
    await world.comeBack('alice')
    const { text } = await world.givePersonal('alice')
    const saidAt = () => world.opened().login.describe(world.personOf('alice'))?.claimsAt ?? 0
    const before = saidAt()
    expect((await world.poll(text)).status).toBe(200)
    expect(saidAt()).toBe(before)
    world.advance(61 * MINUTE_MS)
    expect((await world.poll(text)).status).toBe(200)
    await until('the login has been asked', () => saidAt() > before)
    expect((await world.create(text)).status).toBe(200)
  })

  it('lets creates go on while the login hangs, as long as it is young enough; then creates are told to wait, and all else goes on', async () => {
    const world = await start(old)
    await world.comeBack('alice')
    const { text } = await world.givePersonal('alice')
    await world.login.setFaults({ kind: 'status', status: 503 })
    world.advance(HOUR_MS - MINUTE_MS)
    expect((await world.create(text)).status).toBe(200)
    world.advance(2 * MINUTE_MS)
    const { status, text: answer, headers } = await world.create(text)
    expect({ status, type: JSON.parse(answer).type }).toEqual({ status: 503, type: 'urn:portolan:error:login-unavailable' })
    expect(JSON.parse(answer).msg).toMatch(
      /^Your login was last asked about you \d+ minutes ago, and at most 60 minutes may pass\. The login /,
    )
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    const page = JSON.parse((await world.poll(text)).text)
    expect(page.tasks).toHaveLength(1)
    // What it said too long ago makes nobody a member any more.
    expect(JSON.parse((await world.poll(text, '/portolan/v1/sites')).text)).toEqual({
      sites: [],
      missing: expect.stringMatching(/last asked/),
    })
    // Nobody is told that they are in none by a word that is too old.
    const image = { executors: [{ image: 'alpine', command: ['true'] }] }
    for (const [method, path, body] of [
      ['GET', '/portolan/v1/projects', undefined],
      ['POST', '/portolan/v1/placements', image],
      ['POST', '/portolan/v1/tokens', { name: 'engine', project: 'cancer' }],
    ] as const) {
      const headers = { authorization: `Bearer ${text}` }
      const refused = await call(world.api.port, { method, path, headers, ...(body && { body: JSON.stringify(body) }) })
      expect([path, refused.status, JSON.parse(refused.text).type]).toEqual([path, 503, 'urn:portolan:error:login-unavailable'])
    }
    await world.login.setFaults()
    // Nobody asks again before the time that was told.
    expect((await world.create(text)).status).toBe(503)
    world.advance(Number(headers['retry-after']) * 1_000)
    expect((await world.create(text)).status).toBe(200)
  })

  it('T14 does not touch how they logged in: that stays as it was at the login', async () => {
    const world = await start()
    const { accessToken } = await world.comeBack('alice')
    const said = () => world.opened().login.describe(world.personOf('alice'))
    const { acr, claimsAt: first = 0 } = { acr: said()?.claims.acr, claimsAt: said()?.claimsAt }
    expect(acr).toEqual(expect.any(String))
    // A token of the login says nothing of it, and renews what is known of the person; so does the login when it is asked.
    expect((await world.poll(accessToken)).status).toBe(200)
    const second = await until('the token renews the claims', () => (said()?.claimsAt ?? 0) > first && said()?.claimsAt)
    expect(said()?.claims.acr).toBe(acr)
    const { text } = await world.givePersonal('alice')
    world.advance(61 * MINUTE_MS)
    expect((await world.poll(text)).status).toBe(200)
    await until('the login has been asked', () => (said()?.claimsAt ?? 0) > second)
    expect(said()?.claims.acr).toBe(acr)
  })

  it('is asked for by one create while the login hangs, and who comes next is told the same at once', async () => {
    const world = await start(old)
    await world.comeBack('alice')
    const { text } = await world.givePersonal('alice')
    world.advance(2 * HOUR_MS)
    await world.login.setFaults(HANGS)
    const asked = await questions(world)
    const first = await world.create(text)
    expect(first.status).toBe(503)
    const then = await questions(world)
    const second = await world.create(text)
    expect([second.status, JSON.parse(second.text).msg]).toEqual([503, JSON.parse(first.text).msg])
    expect([then > asked, await questions(world)]).toEqual([true, then])
  })

  it('is no reason to wait for who asks who they are: it is told what is stored, and renewed behind their back', async () => {
    const world = await start(old)
    await world.comeBack('alice')
    const { text } = await world.givePersonal('alice')
    const me = async () => JSON.parse((await world.poll(text, '/portolan/v1/me')).text)
    world.advance(2 * HOUR_MS)
    await world.login.setFaults(HANGS)
    // The login is let go only after the answer is there.
    expect((await me()).missing.says).toMatch(
      /^Your login was last asked about you 2 hours ago, .* It is asked now: look again in a moment\.$/,
    )
    await world.login.setFaults()
    await until('the login has been asked', async () => {
      world.advance(MINUTE_MS)
      return (await me()).projects.length === 1
    })
  })

  it('counts as it is now, once the login is asked', async () => {
    const world = await start(old)
    await world.comeBack('anton')
    const { text } = await world.givePersonal('anton')
    expect((await world.create(text)).status).toBe(200)
    await world.login.setClaims('anton', { eduperson_entitlement: [] })
    world.advance(2 * HOUR_MS)
    const { status, text: answer } = await world.create(text)
    expect([status, JSON.parse(answer).msg]).toEqual([400, expect.stringContaining('You are in no project')])
  })

  it('and can only be renewed by the person, is 403 for creates', async () => {
    const world = await start(old)
    await world.comeBack('alice')
    await world.login.revokeTokens('alice')
    const { text } = await world.givePersonal('alice')
    world.advance(2 * HOUR_MS)
    const { status, text: answer } = await world.create(text)
    expect({ status, type: JSON.parse(answer).type }).toEqual({ status: 403, type: 'urn:portolan:error:login-needed' })
    expect(JSON.parse(answer).msg).toMatch(/may pass\. Log in again: only you can renew it, and your tokens stay as they are\.$/)
    expect((await world.poll(text)).status).toBe(200)
  })
})

describe('the token of a person at their login', () => {
  it('is got by the refresh token, once for all who need it, and the next refresh token is kept', async () => {
    const world = await start()
    const { refreshToken } = await world.comeBack('alice')
    const { subjectTokens } = world.opened()
    const before = (await world.login.countRequests())['/oidc/token'] ?? 0
    const tokens = await Promise.all([1, 2, 3].map(() => subjectTokens.subjectTokenOf(world.personOf('alice'))))
    expect(new Set(tokens).size).toBe(1)
    expect((await world.login.countRequests())['/oidc/token']).toBe(before + 1)
    expect((await world.poll(tokens[0]?.reveal() ?? '')).status).toBe(200)
    world.advance(24 * HOUR_MS)
    expect(await subjectTokens.subjectTokenOf(world.personOf('alice'))).not.toBe(tokens[0])
    expect([...world.opened().logged, ...world.api.accessLines].join('\n')).not.toContain(refreshToken)
  })

  it('is not there for who has none, and rejects while the login cannot be asked', async () => {
    const world = await start()
    const { subjectTokens } = world.opened()
    expect(await subjectTokens.subjectTokenOf(world.personOf('carol'))).toBeUndefined()
    await world.comeBack('alice')
    await world.login.setFaults({ kind: 'status', path: '/token', status: 500 })
    await expect(subjectTokens.subjectTokenOf(world.personOf('alice'))).rejects.toThrow('answered 500')
    await world.login.setFaults()
    await world.login.revokeTokens('alice')
    expect(await subjectTokens.subjectTokenOf(world.personOf('alice'))).toBeUndefined()
  })
})
