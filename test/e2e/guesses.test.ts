/**
 * Secrets that somebody tries in bulk at a broker where people log in. User codes are tried in `device-page.test.ts`.
 */

import { describe, expect, it } from 'vitest'
import { makeToken, type OpaqueTokenKind } from '../../apps/broker/src/auth/tokens/opaque-token.ts'
import { secureRandom } from '../../apps/broker/src/auth/tokens/random-source.ts'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { logInDevice, refresh } from '../harness/oauth.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { GROUPS } from '../login/people.ts'
import { DEVICE_GRANT } from '../login/settings.ts'

const FEW = { failures: { atOnce: 3, perMinute: 1 }, logins: { atOnce: 3, perMinute: 1 } }
const guess = (kind: OpaqueTokenKind): string => makeToken(kind, secureRandom).text
const basic = (password: string): string => `Basic ${Buffer.from(`engine:${password}`).toString('base64')}`

const poll = (broker: BrokerWithLogin, headers: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(`${broker.url}/tasks`, { headers })

const askForToken = (broker: BrokerWithLogin, form: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(`${broker.url}/portolan/v1/oauth/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'portolan-cli', ...form }) })

const begin = (broker: BrokerWithLogin): Promise<Response> =>
  fetch(`${broker.url}/portolan/v1/oauth/device`, { method: 'POST', body: new URLSearchParams({ client_id: 'portolan-cli' }) })

async function tryAll(tries: readonly (() => Promise<Response>)[]): Promise<readonly (readonly [number, string | null])[]> {
  const answers: (readonly [number, string | null])[] = []
  for (const attempt of tries) {
    const answer = await attempt()
    await answer.body?.cancel()
    answers.push([answer.status, answer.headers.get('retry-after')])
  }
  return answers
}

describe('T16 somebody who tries secrets in bulk', () => {
  it('gets 429 for whatever kind of secret comes after the first few, and shuts nobody out behind the same address', async () => {
    await using broker = await startBrokerWithLogin({ limits: { rates: { address: { failures: FEW.failures } } } })
    const good = await broker.login().mintAccessToken({ person: 'alice', client: 'portolan', scopes: ['openid', 'email'] })
    const tries = [
      () => poll(broker, { authorization: `Bearer ${guess('personal')}` }),
      () => poll(broker, { authorization: basic(makeSecret('hunter2')) }),
      () => askForToken(broker, { grant_type: 'refresh_token', refresh_token: guess('refresh') }),
    ]
    expect((await tryAll(tries)).map(([status]) => status)).toEqual([401, 401, 400])
    const further = [
      ...tries,
      () => poll(broker, { 'x-api-key': guess('personal') }),
      () => poll(broker, { authorization: basic(guess('personal')) }),
      () => askForToken(broker, { grant_type: DEVICE_GRANT, device_code: guess('device') }),
    ]
    expect(new Set((await tryAll(further)).map(([status, retryAfter]) => `${status} ${/^\d+$/.test(retryAfter ?? '')}`))).toEqual(
      new Set(['429 true']),
    )
    expect((await poll(broker, { authorization: `Bearer ${good}` })).status).toBe(200)
  })

  it('begins only so many logins, by a page or for a device', async () => {
    await using broker = await startBrokerWithLogin({ limits: { rates: { address: { logins: { atOnce: 4, perMinute: 1 } } } } })
    const page = () => fetch(`${broker.url}/app/login`, { redirect: 'manual' })
    const device = () =>
      fetch(`${broker.url}/portolan/v1/oauth/device`, { method: 'POST', body: new URLSearchParams({ client_id: 'portolan-cli' }) })
    const statuses = (await tryAll([page, device, page, device, page, device])).map(([status]) => status)
    expect(statuses).toEqual([302, 200, 302, 200, 429, 429])
  })

  it('has no login asked for more than a few tokens that only it can judge; who is known goes on', async () => {
    await using broker = await startBrokerWithLogin({
      accessTokens: 'opaque',
      issuer: { opaqueTokens: true },
      limits: { rates: { address: { logins: FEW.logins } } },
    })
    const good = await broker.login().mintAccessToken({ person: 'alice', client: 'portolan', scopes: ['openid', 'email'] })
    const show = (token: string) => () => poll(broker, { authorization: `Bearer ${token}` })
    expect(await tryAll([show(good), show(good)])).toEqual([
      [200, null],
      [200, null],
    ])
    const asked = async (): Promise<number> => (await broker.login().countRequests())['/oidc/introspect'] ?? 0
    const before = await asked()
    const made = Array.from({ length: 6 }, (_, index) => tryAll([show(`made-up-${index}`)]))
    const answers = (await Promise.all(made)).flat().map(([status, retryAfter]) => `${status} ${/^\d+$/.test(retryAfter ?? '')}`)
    expect(answers.toSorted()).toEqual(['401 false', '401 false', '401 false', '503 true', '503 true', '503 true'])
    expect((await asked()) - before).toBe(3)
    expect(await tryAll([show(good)])).toEqual([[200, null]])
  })

  it('keeps nobody behind the same address from refreshing, nor from coming with a good token that is new here', async () => {
    await using broker = await startBrokerWithLogin({
      accessTokens: 'opaque',
      issuer: { opaqueTokens: true },
      projects: [{ id: 'cancer', name: 'Cancer cohorts', members: [GROUPS.cancer] }],
      limits: { rates: { address: { logins: { atOnce: 3, perMinute: 60 } } } },
    })
    const device = await logInDevice(broker.url, 'alice')
    const good = await broker.login().mintAccessToken({ person: 'bob', client: 'portolan', scopes: ['openid', 'email'] })
    const begins = await tryAll(Array.from({ length: 6 }, () => () => begin(broker)))
    expect(begins.map(([status]) => status).at(-1)).toBe(429)
    expect((await refresh(broker.url, device.refresh)).status).toBe(200)
    await tryAll(Array.from({ length: 4 }, (_, index) => () => poll(broker, { authorization: `Bearer made-up-${index}` })))
    expect((await poll(broker, { authorization: `Bearer ${good}` })).status).toBe(200)
  })
})
