import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { decideAtBroker, logInAtBroker, submit, wordsOf } from '../harness/visitor.ts'
import { openBrowser } from '../login/browser.ts'
import { MFA } from '../login/discovery.ts'
import { GROUPS } from '../login/people.ts'

const Started = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
})
type Started = z.infer<typeof Started>
const Polled = z.object({ error: z.optional(z.string()), access_token: z.optional(z.string()) })

let broker: BrokerWithLogin

beforeAll(async () => {
  broker = await startBrokerWithLogin({
    issuer: { acrValues: [MFA] },
    projects: [
      { id: 'cancer', name: 'Cancer cohorts', members: [GROUPS.cancer] },
      { id: 'second', name: 'Second study', members: [GROUPS.cancer] },
    ],
  })
})
afterEach(() => broker.login().setFaults())
afterAll(() => broker[Symbol.asyncDispose]())

const post = (path: string, fields: Record<string, string>) =>
  fetch(`${broker.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), signal: AbortSignal.timeout(20_000) })

async function startDevice(client = 'portolan-cli'): Promise<Started> {
  return Started.parse(await (await post('/portolan/v1/oauth/device', { client_id: client, scope: 'read write' })).json())
}

async function poll({ device_code }: Started): Promise<z.infer<typeof Polled>> {
  const grant = 'urn:ietf:params:oauth:grant-type:device_code'
  return Polled.parse(await (await post('/portolan/v1/oauth/token', { grant_type: grant, device_code, client_id: 'portolan-cli' })).json())
}

describe('a person lets a device in', () => {
  it('by its code, after a login, for one of their projects', async () => {
    const device = await startDevice()
    expect(device.verification_uri).toBe(`${broker.url}/app/device`)
    const page = await decideAtBroker(broker.url, 'alice', device.user_code, { decision: 'approve', project: 'second' })
    expect(page.status).toBe(200)
    expect(wordsOf(page)).toContain('The device is let in')
    const { access_token: token = '' } = await poll(device)
    const me = await fetch(`${broker.url}/portolan/v1/projects`, { headers: { authorization: `Bearer ${token}` } })
    expect(await me.json()).toMatchObject({ projects: [{ id: 'second' }] })
  })

  it('or refuses it, and it gets nothing', async () => {
    const device = await startDevice()
    expect(wordsOf(await decideAtBroker(broker.url, 'alice', device.user_code, { decision: 'refuse' }))).toContain('The device is refused')
    expect(await poll(device)).toEqual({ error: 'access_denied' })
  })

  it('once: who opens the page again, and somebody else, decides about nothing', async () => {
    const device = await startDevice()
    await decideAtBroker(broker.url, 'alice', device.user_code, { decision: 'approve' })
    const again = await logInAtBroker(broker.url, 'alice', { returnTo: `/app/device?user_code=${device.user_code}` })
    expect([again.page.status, wordsOf(again.page)]).toEqual([409, expect.stringContaining('This was decided before')])
    const other = await logInAtBroker(broker.url, 'anton', { returnTo: `/app/device?user_code=${device.user_code}` })
    expect(other.page.status).toBe(404)
  })

  it('is asked for the code where the address does not hold it, however it is typed', async () => {
    const device = await startDevice()
    const { browser, page } = await logInAtBroker(broker.url, 'alice', { returnTo: '/app/device' })
    expect(wordsOf(page)).toContain('The code that the device shows')
    const typed = await browser.open(
      `${broker.url}/app/device?user_code=${encodeURIComponent(` ${device.user_code.toLowerCase().replace('-', ' ')} `)}`,
    )
    expect(typed.kind === 'page' && wordsOf(typed)).toContain('Let this device in?')
    for (const [code, says] of [
      ['hello', 'That is no code'],
      ['BCDF-GHJK', 'No device waits with this code'],
    ] as const) {
      const wrong = await browser.open(`${broker.url}/app/device?user_code=${code}`)
      expect(wrong.kind === 'page' && wordsOf(wrong)).toContain(says)
    }
  })

  it('logs in first, and comes back to the code', async () => {
    const device = await startDevice()
    const page = await openBrowser().open(device.verification_uri_complete)
    expect(page.kind === 'page' && wordsOf(page)).toContain('Log in to let a device in')
    expect(page.kind === 'page' && page.text).toContain(`return_to=%2Fapp%2Fdevice%3Fuser_code%3D${device.user_code.replace('-', '')}`)
  })
})

describe('a logout', () => {
  it('leaves the refresh token at the login while a device of the person lives by it, and revokes it when none does', async () => {
    await using own = await startBrokerWithLogin()
    const asked = await fetch(`${own.url}/portolan/v1/oauth/device`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'portolan-cli', scope: 'read write' }),
    })
    const device = Started.parse(await asked.json())
    const { browser, page } = await logInAtBroker(own.url, 'bob', { returnTo: `/app/device?user_code=${device.user_code}` })
    expect(wordsOf(await submit(browser, page, { decision: 'approve' }))).toContain('The device is let in')
    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'portolan-cli', device_code: device.device_code }
    const answer = await fetch(`${own.url}/portolan/v1/oauth/token`, { method: 'POST', body: new URLSearchParams(grant) })
    const { access_token: token } = Polled.parse(await answer.json())
    const logOut = async (): Promise<number> => {
      const { browser: other, page: home } = await logInAtBroker(own.url, 'bob')
      await submit(other, home)
      return (await own.login().countRequests())['/oidc/revoke'] ?? 0
    }
    expect(await logOut()).toBe(0)
    const authorization = `Bearer ${token}`
    const { logins } = z
      .object({ logins: z.array(z.object({ id: z.string() })) })
      .parse(await (await fetch(`${own.url}/portolan/v1/logins`, { headers: { authorization } })).json())
    for (const { id } of logins)
      expect((await fetch(`${own.url}/portolan/v1/logins/${id}`, { method: 'DELETE', headers: { authorization } })).status).toBe(204)
    expect(await logOut()).toBeGreaterThan(0)
  })
})

describe('T14 the page that asks whether a device may come in', () => {
  it('says what asks, from which address, and what it may, and decides nothing by being opened', async () => {
    const device = await startDevice()
    const { page } = await logInAtBroker(broker.url, 'alice', { returnTo: `/app/device?user_code=${device.user_code}` })
    const words = wordsOf(page)
    for (const said of [
      device.user_code,
      '127.0.0.1',
      'see your tasks',
      'submit and cancel tasks',
      'If somebody sent you the code or this address, refuse.',
    ])
      expect(words).toContain(said)
    expect(await poll(device)).toEqual({ error: 'authorization_pending' })
  })

  it('offers no more than the person has, whatever the device asks for', async () => {
    const asked = await post('/portolan/v1/oauth/device', { client_id: 'portolan-cli', scope: 'read admin' })
    const { user_code: code } = Started.parse(await asked.json())
    const { browser, page } = await logInAtBroker(broker.url, 'alice', { returnTo: `/app/device?user_code=${code}` })
    expect(wordsOf(page)).toContain('see your tasks')
    expect(wordsOf(page)).not.toContain('administrator')
    expect((await submit(browser, page, { decision: 'approve' })).status).toBe(200)
  })

  it('asks who had no second factor for nothing, since they are not let in', async () => {
    const device = await startDevice()
    const before = await logInAtBroker(broker.url, 'alice')
    await broker.login().setFaults({ kind: 'no-mfa' })
    const { page, browser } = await logInAtBroker(broker.url, 'alice', { returnTo: `/app/device?user_code=${device.user_code}` })
    expect(page.status).toBe(403)
    const asked = await browser.open(device.verification_uri_complete)
    expect(asked.kind === 'page' && wordsOf(asked)).toContain('Log in to let a device in')
    expect(await poll(device)).toEqual({ error: 'authorization_pending' })
    // Who has come in by two factors is not put out by somebody with one of them.
    const home = await before.browser.open(`${broker.url}/app`)
    expect(home.kind === 'page' && wordsOf(home)).toContain('Hello, Alice Test')
  })

  it('asks the login for the second factor', async () => {
    const answer = await fetch(`${broker.url}/app/login?return_to=/app/device`, { redirect: 'manual' })
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('acr_values')).toBe(MFA)
  })

  it('lets nobody in for a project that is not theirs', async () => {
    const device = await startDevice()
    const { browser, page } = await logInAtBroker(broker.url, 'alice', { returnTo: `/app/device?user_code=${device.user_code}` })
    expect((await submit(browser, page, { decision: 'approve', project: 'rare' })).status).toBe(400)
    expect(await poll(device)).toEqual({ error: 'authorization_pending' })
  })
})

describe('T14 somebody who tries codes', () => {
  it('is refused after a few, also with a right one, until time has passed', async () => {
    await using own = await startBrokerWithLogin({ limits: { rates: { person: { failures: { atOnce: 3, perMinute: 1 } } } } })
    const asked = await fetch(`${own.url}/portolan/v1/oauth/device`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'portolan-cli', scope: 'read write' }),
    })
    const device = Started.parse(await asked.json())
    const { browser } = await logInAtBroker(own.url, 'bob')
    const statuses: number[] = []
    for (const letter of 'BCDFG') {
      const page = await browser.open(`${own.url}/app/device?user_code=ZZZZZZZ${letter}`)
      statuses.push(page.kind === 'page' ? page.status : 0)
    }
    expect(statuses).toEqual([404, 404, 404, 429, 429])
    const right = await fetch(device.verification_uri_complete, { headers: { cookie: browser.cookies.read(own.url) ?? '' } })
    expect([right.status, right.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)])
    expect(await right.text()).not.toContain('Let this device in?')
  })
})
