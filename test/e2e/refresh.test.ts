/**
 * Refresh tokens from outside: each counts once, a lost answer is forgiven once, a thief is noticed, and behind every exchange the person is looked at.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { CLIENT, logInDevice, projectsBy, refresh, refusalOf, tokensOf } from '../harness/oauth.ts'
import { GROUPS } from '../login/people.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const STOLEN = [400, 'invalid_grant', 'A refresh token was used twice, so two may hold it: this login has ended. Log in again.']

let broker: BrokerWithLogin
let ahead = 0

beforeEach(async () => {
  ahead = 0
  broker = await startBrokerWithLogin({
    projects: [
      { id: 'cancer', name: 'Cancer cohorts', members: [GROUPS.cancer] },
      { id: 'second', name: 'Second study', members: [GROUPS.cancer] },
    ],
    limits: { rates: { person: { logins: { atOnce: 1_000, perMinute: 1_000 } } } },
    options: { now: () => Date.now() + ahead },
  })
})
afterEach(() => broker[Symbol.asyncDispose]())

const use = (token: string, more = {}) => refresh(broker.url, token, more)
const logIn = (more = {}) => logInDevice(broker.url, 'alice', more)

describe('T02 a refresh token', () => {
  it('brings the next one and an access token, with the project and the scopes of the login', async () => {
    const first = await logIn({ project: 'second' })
    const answer = await use(first.refresh)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const second = tokensOf(answer)
    expect(second).toMatchObject({ scope: 'read write', project: 'second' })
    expect(second.refresh).not.toBe(first.refresh)
    expect([await projectsBy(broker.url, first.access), await projectsBy(broker.url, second.access)]).toEqual([['second'], ['second']])
    expect((await use(second.refresh)).status).toBe(200)
  })

  it('brings less where less is asked for, for that access token alone, and never more', async () => {
    const { refresh: first } = await logIn({ scope: 'read' })
    expect(refusalOf(await use(first, { scope: 'read write' }))).toEqual([400, 'invalid_scope', expect.stringContaining('read.')])
    expect(tokensOf(await use(first, { scope: 'read' })).scope).toBe('read')
    const { refresh: other } = await logIn()
    const narrow = tokensOf(await use(other, { scope: 'read' }))
    expect([narrow.scope, tokensOf(await use(narrow.refresh)).scope]).toEqual(['read', 'read write'])
  })

  it('counts once more within ten seconds, since the answer may have been lost; what was lost then counts for nothing', async () => {
    const { refresh: first } = await logIn()
    const lost = tokensOf(await use(first))
    ahead = 9_000
    const found = tokensOf(await use(first))
    expect((await use(found.refresh)).status).toBe(200)
    expect(refusalOf(await use(lost.refresh))).toEqual(STOLEN)
  })

  it.each([
    ['comes back later than that', 11_000, {}],
    ['comes from another client', 0, { client_id: 'somebody else' }],
  ])('ends the login if it %s: every access token is refused at once', async (_, laterMs, more) => {
    const first = await logIn()
    const second = tokensOf(await use(first.refresh))
    expect(await projectsBy(broker.url, second.access)).toEqual(['cancer', 'second'])
    ahead = laterMs
    expect(refusalOf(await use(first.refresh, more))).toEqual(STOLEN)
    for (const { access } of [first, second]) expect(await projectsBy(broker.url, access)).toBe(401)
    expect(refusalOf(await use(second.refresh))).toEqual(STOLEN)
  })

  it('of two who use it at once serves both, and at most one of them goes on', async () => {
    const { refresh: first } = await logIn()
    const both = await Promise.all([use(first), use(first)])
    const [one = '', other = ''] = both.map(answer => tokensOf(answer).refresh)
    const later = [await use(one), await use(other)].map(({ status }) => status)
    // If the one whose answer counts no more comes first, the login has ended for both.
    expect(later.filter(status => status === 200).length).toBeLessThanOrEqual(1)
    expect((await use(first)).status).toBe(400)
  })

  it('of many who use it at once serves two at most, and the login ends', async () => {
    const { refresh: first, access } = await logIn()
    const answers = await Promise.all(Array.from({ length: 12 }, () => use(first)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
    for (const answer of answers.filter(({ status }) => status === 200)) expect((await use(tokensOf(answer).refresh)).status).toBe(400)
    expect(await projectsBy(broker.url, access)).toBe(401)
  })

  it('ends with its login after thirty days, however often it was used', async () => {
    const { refresh: first } = await logIn()
    const second = tokensOf(await use(first))
    ahead = 30 * DAY
    expect(refusalOf(await use(second.refresh))).toEqual([400, 'invalid_grant', 'This login is too old. Log in again.'])
  })
})

describe('T04 who stands behind a refresh token', () => {
  it('is no member any more: a login for that project brings nothing, one for none goes on without it', async () => {
    const bound = await logIn({ project: 'cancer' })
    const free = await logIn()
    await broker.login().setClaims('alice', { eduperson_entitlement: [] })
    ahead = 25 * HOUR
    const refused = await use(bound.refresh)
    expect(refusalOf(refused)).toEqual([400, 'invalid_grant', expect.stringContaining('no member of the project cancer any more')])
    expect(await projectsBy(broker.url, tokensOf(await use(free.refresh)).access)).toEqual([])
    await broker.login().setClaims('alice', { eduperson_entitlement: [GROUPS.cancer] })
    ahead = 50 * HOUR
    expect(tokensOf(await use(bound.refresh)).project).toBe('cancer')
  })

  it('is asked about again at the login when that is due, and not before', async () => {
    const { refresh: first } = await logIn()
    const asked = async () => (await broker.login().countRequests())['/oidc/userinfo'] ?? 0
    const before = await asked()
    const second = tokensOf(await use(first))
    expect(await asked()).toBe(before)
    ahead = 25 * HOUR
    tokensOf(await use(second.refresh))
    expect(await asked()).toBe(before + 1)
  })

  it('goes on while the login is down as long as what it said is young, then is told so and loses nothing', async () => {
    const { refresh: first } = await logIn()
    await broker.login().setFaults({ kind: 'status', status: 503 })
    ahead = 23 * HOUR
    const second = tokensOf(await use(first))
    ahead = 25 * HOUR
    const refused = await use(second.refresh)
    expect(refusalOf(refused)).toEqual([
      503,
      'temporarily_unavailable',
      expect.stringMatching(/25 hours ago, and at most 24 hours may pass/),
    ])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await broker.login().setFaults()
    ahead += 10 * 60_000
    expect((await use(second.refresh)).status).toBe(200)
  })

  it('was sent away by the login: only a new login helps, and the sentence says so', async () => {
    const { refresh: first } = await logIn()
    await broker.login().revokeTokens('alice')
    ahead = 25 * HOUR
    expect(refusalOf(await use(first))).toEqual([400, 'invalid_grant', expect.stringMatching(/Log in again/)])
    ahead = 0
    expect((await use(first)).status).toBe(200)
  })

  it('T16 refreshes too often: 429 with the seconds to wait, and the token still counts', async () => {
    await using strict = await startBrokerWithLogin({ limits: { rates: { person: { logins: { atOnce: 2, perMinute: 1 } } } } })
    const { refresh: first } = await logInDevice(strict.url, 'bob')
    const second = tokensOf(await refresh(strict.url, first))
    const third = tokensOf(await refresh(strict.url, second.refresh))
    const limited = await refresh(strict.url, third.refresh)
    expect([limited.status, Number(limited.headers.get('retry-after')) > 0]).toEqual([429, true])
    expect(limited.body.msg).toContain('More logins')
    expect((await refresh(strict.url, third.refresh, { client_id: CLIENT })).status).toBe(429)
  })
})
