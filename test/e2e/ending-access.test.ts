/**
 * What acts in the name of a person, as they see it at the first page of the broker, and end it there.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { approve, CLIENT, logInDevice, poll, projectsBy, refresh, refusalOf, startLogin } from '../harness/oauth.ts'
import { logInAtBroker, wordsOf } from '../harness/visitor.ts'
import { type Browser, findForm, type Page } from '../login/browser.ts'

let broker: BrokerWithLogin

beforeAll(async () => {
  const generous = { address: { failures: { atOnce: 1_000, perMinute: 1_000 } }, person: { logins: { atOnce: 1_000, perMinute: 1_000 } } }
  broker = await startBrokerWithLogin({ limits: { rates: generous } })
})
afterAll(() => broker[Symbol.asyncDispose]())

async function open(browser: Browser, path = '/app'): Promise<Page> {
  const page = await browser.open(`${broker.url}${path}`)
  if (page.kind === 'stop') throw new Error(page.url)
  return page
}

/** Presses a button of the list, as the form of the page has it. */
async function press(browser: Browser, button: Readonly<Record<string, string>>): Promise<Page> {
  const form = findForm(await open(browser))
  if (!form) throw new Error('There is no form')
  const page = await browser.submit({ ...form, action: `${broker.url}/app/access` }, button)
  if (page.kind === 'stop') throw new Error(page.url)
  return page
}

/** The values of the buttons of this name. */
const idsOf = ({ text }: Page, name: string): readonly string[] =>
  [...text.matchAll(new RegExp(`name="${name}" value="([^"]+)"`, 'g'))].map(([, id = '']) => id)

async function makeToken(access: string, name: string): Promise<string> {
  const answer = await fetch(`${broker.url}/portolan/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  return z.object({ secret: z.string() }).parse(await answer.json()).secret
}

/** Somebody with a device, a personal token, and a browser. */
async function settle(person: string) {
  const device = await logInDevice(broker.url, person)
  const token = await makeToken(device.access, 'nextflow <b>')
  const { browser } = await logInAtBroker(broker.url, person)
  return { device, token, browser }
}

describe('the first page', () => {
  it('lists what is live, and each ends by its button, from the very next request on', async () => {
    const { device, token, browser } = await settle('alice')
    const page = await open(browser)
    expect(wordsOf(page)).toMatch(new RegExp(`Device ${CLIENT}.*, logged in .* UTC, until .* at the latest Log it out`))
    expect(wordsOf(page)).toMatch(/Token nextflow <b> , made .* UTC, never used, until .* UTC Revoke it/)

    const [tokenId = ''] = idsOf(page, 'token')
    expect(wordsOf(await press(browser, { token: tokenId }))).toContain('The token is revoked')
    expect([await projectsBy(broker.url, token), await projectsBy(broker.url, device.access)]).toEqual([401, ['cancer']])

    const [deviceId = ''] = idsOf(page, 'device')
    expect(wordsOf(await press(browser, { device: deviceId }))).toContain('The device is logged out.')
    expect(await projectsBy(broker.url, device.access)).toBe(401)
    expect((await refresh(broker.url, device.refresh)).body.error).toBe('invalid_grant')

    const after = wordsOf(await open(browser))
    expect(after).toContain('Hello, Alice Test')
    expect(after).toContain('No device is logged in. You have no personal token.')
  })

  it('ends all at one button: every device, every token, every browser', async () => {
    const { device, token, browser } = await settle('bob')
    const second = await settle('bob')
    const page = await press(browser, { all: 'end' })
    expect([page.status, wordsOf(page)]).toEqual([200, expect.stringContaining('Every device and every browser is logged out')])
    for (const one of [device.access, token, second.device.access, second.token]) expect(await projectsBy(broker.url, one)).toBe(401)
    for (const one of [browser, second.browser]) expect(wordsOf(await open(one))).toContain('Log in with LS')
    expect(browser.cookies.read(broker.url) ?? '').not.toContain('portolan')
  })

  it('T14 ends all at once, though a device that was let in makes tokens as fast as it can', async () => {
    const { device, browser } = await settle('bob')
    const made: string[] = []
    const isDone = Promise.withResolvers<void>()
    let pressed = false
    const makeOn = async (): Promise<void> => {
      for (let count = 0; count < 1_000; count++) {
        const answer = await fetch(`${broker.url}/portolan/v1/tokens`, {
          method: 'POST',
          headers: { authorization: `Bearer ${device.access}`, 'content-type': 'application/json' },
          body: JSON.stringify({ name: 'more' }),
        })
        if (answer.status === 201) made.push(z.object({ secret: z.string() }).parse(await answer.json()).secret)
        else await answer.arrayBuffer()
        if (made.length >= 5) isDone.resolve()
        if (pressed && answer.status !== 201) return
      }
    }
    const lanes = Array.from({ length: 4 }, makeOn)
    await isDone.promise
    const page = await press(browser, { all: 'end' })
    pressed = true
    await Promise.all(lanes)
    expect(wordsOf(page)).toContain('every personal token is revoked')
    expect(await Promise.all(made.map(token => projectsBy(broker.url, token)))).toEqual(made.map(() => 401))
  })
})

/** Two buttons at once, as no browser sends them. */
const BOTH = Object.fromEntries(['device', 'token'].map(name => [name, 'x']))

describe('T14 what was let in', () => {
  it('is ended by whom it acts for alone: to everybody else it is not there', async () => {
    const alice = await settle('alice')
    const { browser } = await logInAtBroker(broker.url, 'bob')
    const [device = ''] = idsOf(await open(alice.browser), 'device')
    const [token = ''] = idsOf(await open(alice.browser), 'token')
    expect(idsOf(await open(browser), 'device')).not.toContain(device)
    const buttons: readonly Readonly<Record<string, string>>[] = [{ device }, { token }]
    for (const button of buttons) {
      const page = await press(browser, button)
      expect([page.status, wordsOf(page)]).toEqual([404, expect.stringContaining('You have nothing such.')])
    }
    expect([await projectsBy(broker.url, alice.device.access), await projectsBy(broker.url, alice.token)]).toEqual([['cancer'], ['cancer']])
  })

  it('is listed before its device has come, and brings nothing once it is taken back, by its button or with all', async () => {
    for (const button of ['approval', 'all']) {
      const { browser } = await logInAtBroker(broker.url, 'alice')
      const device = await startLogin(broker.url)
      await approve(broker.url, 'alice', device)
      const page = await open(browser)
      expect(wordsOf(page)).toMatch(
        new RegExp(`Device ${CLIENT}.*, let in but not here yet, asking since .* UTC from 127.0.0.1 ?, until .* Do not let it in`),
      )
      const [approval = ''] = idsOf(page, 'approval')
      expect((await press((await logInAtBroker(broker.url, 'bob')).browser, { approval })).status).toBe(404)
      expect((await press(browser, { [button]: approval })).status).toBe(200)
      expect(refusalOf(await poll(broker.url, device))).toEqual([400, 'expired_token', expect.stringContaining('taken back')])
    }
  })

  it.each<[Readonly<Record<string, string>>]>([[{}], [BOTH], [{ device: 'a', all: 'end' }]])(
    'does not end by the form %j',
    async button => {
      const { device, browser } = await settle('alice')
      expect((await press(browser, button)).status).toBe(400)
      expect(await projectsBy(broker.url, device.access)).toEqual(['cancer'])
    },
  )
})
