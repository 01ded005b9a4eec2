/**
 * Refresh tokens from outside: each counts once, a lost answer is forgiven once, a thief is noticed, and behind every exchange the person is looked at.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod/mini'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { CLIENT, logInDevice, projectsBy, refresh, refusalOf, tokensOf } from '../harness/oauth.ts'
import { until } from '../harness/until.ts'
import { GROUPS } from '../login/people.ts'
import type { StandIn } from '../login/stand-in.ts'

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

const TASK = { executors: [{ image: 'alpine:3', command: ['true'] }], tags: { portolan_project: 'second' } }

async function ask(method: 'GET' | 'POST', path: string, token: string, body?: object) {
  const answer = await fetch(`${broker.url}/ga4gh/tes/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  })
  const { id, tasks, type, msg } = z
    .object({
      id: z.optional(z.string()),
      tasks: z.optional(z.array(z.object({ id: z.string() }))),
      type: z.optional(z.string()),
      msg: z.optional(z.string()),
    })
    .parse(await answer.json())
  return { status: answer.status, id, ids: tasks?.map(task => task.id), type, msg }
}

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
  it('is no member any more, as far as the login is known to say: a login for that project brings nothing, one for none goes on', async () => {
    let { refresh: bound } = await logIn({ project: 'cancer' })
    const free = await logIn()
    await broker.login().setClaims('alice', { eduperson_entitlement: [] })
    ahead = 2 * HOUR
    expect(await projectsBy(broker.url, tokensOf(await use(free.refresh)).access)).toEqual(['cancer', 'second'])
    // The login is asked behind the back of whoever shows the access token.
    const refused = await vi.waitFor(
      async () => {
        const answer = await use(bound)
        if (answer.status === 200) bound = tokensOf(answer).refresh
        expect(answer.status).toBe(400)
        return answer
      },
      { timeout: 20_000 },
    )
    expect(refusalOf(refused)).toEqual([400, 'access_denied', expect.stringContaining('no member of the project cancer any more')])
    await broker.login().setClaims('alice', { eduperson_entitlement: [GROUPS.cancer] })
    ahead = 28 * HOUR
    expect(tokensOf(await use(bound)).project).toBe('cancer')
  })

  it('is not asked about at the login: that is done behind the back of the access token, once it is shown', async () => {
    const { refresh: first } = await logIn()
    const asked = async () => (await broker.login().countRequests())['/oidc/userinfo'] ?? 0
    const before = await asked()
    ahead = 25 * HOUR
    const second = tokensOf(await use(first))
    expect(await asked()).toBe(before)
    await until('alice is a member again', async () => String(await projectsBy(broker.url, second.access)) === 'cancer,second')
    expect(await asked()).toBe(before + 1)
  })

  it.each<[string, (login: StandIn) => Promise<void>, number, string]>([
    ['is down', login => login.setFaults({ kind: 'status', status: 503 }), 503, 'urn:portolan:error:login-unavailable'],
    ['has sent them away', login => login.revokeTokens('alice'), 403, 'urn:portolan:error:login-needed'],
  ])('sees and cancels their tasks whatever becomes of the login: it %s', async (_, happens, status, type) => {
    const { refresh: first, access } = await logIn()
    const made = await ask('POST', '/tasks', access, TASK)
    expect(made.status).toBe(200)
    await happens(broker.login())
    ahead = 25 * HOUR
    const second = tokensOf(await use(first))
    expect(second.scope).toBe('read write')
    expect((await ask('GET', '/tasks', second.access)).ids).toEqual([made.id])
    expect((await ask('POST', `/tasks/${made.id}:cancel`, second.access)).status).toBe(200)
    const refused = await ask('POST', '/tasks', second.access, TASK)
    expect([refused.status, refused.type]).toEqual([status, type])
    // Each thing once.
    const sentences = refused.msg?.split(/(?<=\.) /) ?? []
    expect(new Set(sentences).size).toBe(sentences.length)
    expect(refused.msg?.match(/log in again/gi)?.length ?? 0).toBeLessThanOrEqual(1)
    expect(refused.msg?.match(/try again/gi)?.length ?? 0).toBeLessThanOrEqual(1)
    expect(tokensOf(await use(second.refresh)).scope).toBe('read write')
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
