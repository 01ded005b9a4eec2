/**
 * What the session of a browser opens, and what its cookie alone does not.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SESSION_COOKIE, setCookie } from '../../src/auth/tokens/cookies.ts'
import { makeToken } from '../../src/auth/tokens/opaque-token.ts'
import { secureRandom } from '../../src/auth/tokens/random-source.ts'
import { MANY } from '../../src/stores/login-contract/builders.ts'
import { call } from '../call.ts'
import { type LoginWorld, startWorld } from './login-world.ts'

const OWN = 'http://127.0.0.1:8080'

let world: LoginWorld
beforeAll(async () => {
  world = await startWorld()
  await world.comeBack('alice')
})
afterAll(() => world[Symbol.asyncDispose]())

async function startSession({ idleMs = 60_000 } = {}) {
  const { text, hash } = makeToken('session', secureRandom)
  const principal = { ...world.personOf('alice'), roles: [], scopes: ['read', 'write'] } as const
  const session = { hash, idleMs, expiresAt: Date.now() + 3_600_000, dataText: '{}' }
  await world.api.logins.execute({ kind: 'startSession', principal, session, most: MANY, now: Date.now() })
  const [cookie = ''] = setCookie(SESSION_COOKIE, text).split(';')
  const visit = (method: string, headers: Record<string, string> = {}) =>
    world.opened().login.browser.authenticate({ method, headers: { cookie, ...headers } })
  return { text, hash, cookie, visit }
}

describe('T13 a session', () => {
  it('is somebody, who may do all that the person may', async () => {
    const { visit, hash } = await startSession()
    for (const _ of [1, 2]) {
      expect(visit('GET')).toMatchObject({
        outcome: 'session',
        hash,
        principal: { ...world.personOf('alice'), memberOf: ['cancer'], scopes: ['read', 'write'], credential: { kind: 'session' } },
      })
    }
  })

  it.each<[string, Record<string, string>]>([
    ['says nothing of where it comes from', {}],
    ['comes from a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['comes from a neighbour', { 'sec-fetch-site': 'same-site', origin: OWN }],
    ['has another origin', { origin: 'https://evil.example.org' }],
    ['has no origin to tell', { origin: 'null' }],
  ])('changes nothing for a request that %s, whatever its cookie', async (_, headers) => {
    const { visit } = await startSession()
    for (const method of ['POST', 'DELETE', 'PUT']) expect(visit(method, headers)).toMatchObject({ outcome: 'cross-site' })
  })

  it.each<[string, Record<string, string>]>([
    ['as the browser says', { 'sec-fetch-site': 'same-origin' }],
    ['as its origin says, where the browser says nothing', { origin: OWN }],
  ])('changes things for our own pages, %s', async (_, headers) => {
    const { visit } = await startSession()
    expect(visit('POST', headers)).toMatchObject({ outcome: 'session' })
  })

  it('opens nothing at the API: neither as a cookie nor as a token', async () => {
    const { cookie, text } = await startSession()
    const ask = (headers: Record<string, string>) => call(world.api.port, { path: '/ga4gh/tes/v1/tasks', headers })
    const byCookie = await ask({ cookie, 'sec-fetch-site': 'same-origin', origin: OWN })
    expect([byCookie.status, JSON.parse(byCookie.text).type]).toEqual([401, 'urn:portolan:error:credential-missing'])
    const byBearer = await ask({ authorization: `Bearer ${text}` })
    expect([byBearer.status, JSON.parse(byBearer.text).msg]).toEqual([401, expect.stringContaining('but not one to ask with')])
  })

  it('is over at once when it is ended here, and when it was not used for too long', async () => {
    const { visit, hash } = await startSession()
    expect(visit('GET')).toMatchObject({ outcome: 'session' })
    await world.api.logins.execute({ kind: 'endSession', hash, now: Date.now() })
    world.opened().login.known.session(hash)
    expect(visit('GET')).toMatchObject({ outcome: 'refused', reason: 'expired', says: 'You are logged out. Log in again.' })
    const idle = await startSession({ idleMs: 0 })
    expect(idle.visit('GET')).toMatchObject({ outcome: 'refused', says: 'You were away for too long, and are logged out. Log in again.' })
  })

  it('is nobody without a cookie, with a made-up one, and with a personal token in its place', async () => {
    const { browser } = world.opened().login
    const personal = await world.givePersonal('alice')
    expect((await world.poll(personal.text)).status).toBe(200)
    const visit = (cookie?: string) => browser.authenticate({ method: 'GET', headers: cookie === undefined ? {} : { cookie } })
    expect(visit()).toMatchObject({ outcome: 'refused', reason: 'missing' })
    for (const text of [makeToken('session', secureRandom).text, 'x', personal.text])
      expect(visit(`${SESSION_COOKIE}=${text}`)).toMatchObject({ outcome: 'refused', reason: 'unknown' })
  })
})
