/**
 * As many tokens, devices and sessions as there may be, and one more of each, at a whole broker.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { logInDevice, poll, projectsBy, refresh, refusalOf, startLogin, tokensOf } from '../harness/oauth.ts'
import { leaveForLogin, logInAtBroker, wordsOf } from '../harness/visitor.ts'
import { openBrowser } from '../login/browser.ts'

let broker: BrokerWithLogin
beforeAll(async () => {
  broker = await startBrokerWithLogin({
    limits: { live: { person: { tokens: 2, devices: 2, sessions: 2 }, begun: { logins: 2, devices: 2 } } },
  })
})
afterAll(() => broker[Symbol.asyncDispose]())

/** How often a bound was met, by what. */
async function counted(): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${broker.url}/metrics`)).text()
  const lines = text.matchAll(/^portolan_bounded_logins_total\{what="([\w-]+)"\} (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, what, count]) => [what, Number(count)]))
}

it('a personal token too many is refused with the bound and what to do, until one is revoked', async () => {
  const { access } = await logInDevice(broker.url, 'bob')
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' }
  const make = (name: string) =>
    fetch(`${broker.url}/portolan/v1/tokens`, { method: 'POST', headers, body: JSON.stringify({ name }) }).then(async answer => ({
      status: answer.status,
      body: await answer.json(),
    }))
  const first = await make('first')
  expect([first.status, (await make('second')).status]).toEqual([201, 201])
  expect(await make('third')).toMatchObject({
    status: 409,
    body: {
      type: 'urn:portolan:error:too-many-tokens',
      msg: 'You have 2 live personal tokens, as many as one person may have (limits.live.person.tokens). Revoke one that is not used any more (portolan token list, then portolan token revoke ID), or wait until one expires.',
    },
  })
  expect(await counted()).toMatchObject({ token: 1 })
  await fetch(`${broker.url}/portolan/v1/tokens/${first.body.token.id}`, { method: 'DELETE', headers })
  expect((await make('third')).status).toBe(201)
})

it('a device too many ends the login of the one that was not used for longest, at once, and that one learns why', async () => {
  const idle = await logInDevice(broker.url, 'alice')
  const used = tokensOf(await refresh(broker.url, (await logInDevice(broker.url, 'alice')).refresh))
  const latest = await logInDevice(broker.url, 'alice')
  expect(await Promise.all([used, latest].map(({ access }) => projectsBy(broker.url, access)))).toEqual([['cancer'], ['cancer']])
  expect(await projectsBy(broker.url, idle.access)).toBe(401)
  expect(refusalOf(await refresh(broker.url, idle.refresh))).toEqual([
    400,
    'invalid_grant',
    'You logged in on more devices than one person may, and this one was not used for longest: its login has ended. Log in again.',
  ])
  expect(await counted()).toMatchObject({ device: 1 })
})

it('a session too many ends the one that was not used for longest', async () => {
  const browsers = []
  for (let index = 0; index < 3; index += 1) browsers.push((await logInAtBroker(broker.url, 'carol')).browser)
  const home = await Promise.all(browsers.map(async browser => browser.open(`${broker.url}/app`)))
  const isIn = home.map(page => page.kind === 'page' && wordsOf(page).includes('Log out'))
  expect(isIn).toEqual([false, true, true])
})

it('a device too many that waits drops the one that has waited longest, and a begun login the oldest', async () => {
  const waiting = [await startLogin(broker.url), await startLogin(broker.url), await startLogin(broker.url)]
  const answers = await Promise.all(waiting.map(async started => refusalOf(await poll(broker.url, started))[1]))
  expect(answers).toEqual(['invalid_grant', 'authorization_pending', 'authorization_pending'])

  const begun = []
  for (const person of ['alice', 'bob', 'carol']) {
    const browser = openBrowser()
    begun.push({ browser, back: await leaveForLogin(broker.url, person, { browser }) })
  }
  const pages = await Promise.all(begun.map(async ({ browser, back }) => browser.open(back)))
  expect(pages.map(page => page.kind === 'page' && page.status)).toEqual([400, 200, 200])
  const [first] = pages
  expect(first?.kind === 'page' && wordsOf(first)).toContain('This broker knows of no such login.')
  expect(await counted()).toMatchObject({ 'begun-device': 1, 'begun-login': 1 })
})
