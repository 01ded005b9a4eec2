/**
 * An administrator by an entitlement, who loses it: whatever they hold that says `admin` makes them one no more, from the moment that their login says
 * so. And what never makes anybody one.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { approve, logInDevice, poll, refresh, refusalOf, startLogin, tokensOf } from '../harness/oauth.ts'
import { logInAtBroker, wordsOf } from '../harness/visitor.ts'
import { GROUPS } from '../login/people.ts'

const ALL = 'read write admin'
const TASK = JSON.stringify({ executors: [{ image: 'alpine:3', command: ['true'] }] })
const JSON_BODY = { 'content-type': 'application/json' }

let broker: BrokerWithLogin
/** Of somebody else. */
let task = ''

beforeEach(async () => {
  broker = await startBrokerWithLogin({ auth: { admins: [GROUPS.rareDiseases] } })
  const { access } = await logInDevice(broker.url, 'alice')
  const made = await ask('/tasks', access, { method: 'POST', body: TASK, headers: JSON_BODY })
  task = z.object({ id: z.string() }).parse(await made.json()).id
})
afterEach(() => broker[Symbol.asyncDispose]())

function ask(
  path: string,
  token: string,
  { headers = {}, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
) {
  const signal = AbortSignal.timeout(20_000)
  return fetch(`${broker.url}${path}`, { ...init, headers: { ...headers, authorization: `Bearer ${token}` }, signal })
}

/** What only administrators may: the task of somebody else, the tokens of everybody, and whether `me` says that one is an administrator. */
async function sees(token: string): Promise<readonly [task: number, tokens: number, admin: boolean]> {
  const [other, tokens, me] = await Promise.all([
    ask(`/tasks/${task}`, token),
    ask('/portolan/v1/tokens?owner=any', token),
    ask('/portolan/v1/me', token),
  ])
  return [other.status, tokens.status, z.object({ admin: z.boolean() }).parse(await me.json()).admin]
}
const EVERYTHING = [200, 200, true]
const NOTHING = [404, 403, false]

async function makePersonal(token: string, scopes: readonly string[]): Promise<Response> {
  const body = JSON.stringify({ name: 'engine', scopes })
  return await ask('/portolan/v1/tokens', token, { method: 'POST', body, headers: JSON_BODY })
}

/** What the login says of bob changes, and he logs in again, so that the broker hears of it. */
async function tellOfBob(entitlements: readonly string[]): Promise<string> {
  await broker.login().setClaims('bob', { eduperson_entitlement: entitlements })
  return wordsOf((await logInAtBroker(broker.url, 'bob')).page)
}

describe('T04 an administrator who is one no more', () => {
  it('sees what is theirs alone, by whatever they hold, and gets no scope admin any more', async () => {
    const first = await logInDevice(broker.url, 'bob', { scope: ALL })
    const { secret } = z.object({ secret: z.string() }).parse(await (await makePersonal(first.access, ['read', 'write', 'admin'])).json())
    for (const token of [first.access, secret]) expect(await sees(token)).toEqual(EVERYTHING)

    expect(await tellOfBob([])).not.toContain('administrator')
    for (const token of [first.access, secret]) {
      expect(await sees(token)).toEqual(NOTHING)
      expect((await ask(`/tasks/${task}:cancel`, token, { method: 'POST' })).status).toBe(404)
      expect((await makePersonal(token, ['admin'])).status).toBe(403)
    }
    const second = tokensOf(await refresh(broker.url, first.refresh))
    expect(second.scope).toBe('read write')
    expect(await sees(second.access)).toEqual(NOTHING)
    expect(refusalOf(await refresh(broker.url, second.refresh, { scope: 'admin' }))).toEqual([
      400,
      'invalid_scope',
      'You may do nothing of what is asked for any more.',
    ])

    // The login of the device still has the scope, and the person may be an administrator again.
    expect(await tellOfBob([GROUPS.rareDiseases])).toContain('You are an administrator of this broker.')
    const third = tokensOf(await refresh(broker.url, second.refresh))
    expect([third.scope, await sees(third.access)]).toEqual([ALL, EVERYTHING])
  })

  it('gives none to a device that they have let in as one, and that has not asked yet', async () => {
    const started = await startLogin(broker.url, { scope: ALL })
    await approve(broker.url, 'bob', started)
    await tellOfBob([])
    const tokens = tokensOf(await poll(broker.url, started))
    expect([tokens.scope, await sees(tokens.access)]).toEqual(['read write', NOTHING])
    await tellOfBob([GROUPS.rareDiseases])
    expect(tokensOf(await refresh(broker.url, tokens.refresh)).scope).toBe('read write')
  })
})

describe('T04 nobody is an administrator', () => {
  it('by a token of the login itself', async () => {
    const scopes = ['openid', 'email', 'eduperson_entitlement']
    const token = await broker.login().mintAccessToken({ person: 'bob', client: 'portolan', scopes })
    expect(await sees(token)).toEqual(NOTHING)
  })

  it('by a credential that asks for it, who is not on the list', async () => {
    const { access, scope } = await logInDevice(broker.url, 'alice', { scope: 'read admin' })
    expect(scope).toBe('read')
    expect((await ask('/portolan/v1/tokens?owner=any', access)).status).toBe(403)
  })
})
