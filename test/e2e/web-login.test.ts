import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { leaveForLogin, logInAtBroker, submit, wordsOf } from '../harness/visitor.ts'
import { openBrowser } from '../login/browser.ts'
import { GROUPS } from '../login/people.ts'
import { cancelLogin } from '../login/person.ts'

let broker: BrokerWithLogin

beforeAll(async () => {
  broker = await startBrokerWithLogin({ ids: ['ls', 'lab'] })
})
afterEach(() => Promise.all(['ls', 'lab'].map(id => broker.login(id).setFaults())))
afterAll(() => broker[Symbol.asyncDispose]())

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${broker.url}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(20_000), ...init })
const home = async (cookie: string) => (await ask('/app', { headers: { cookie } })).text()

describe('a login in the browser', () => {
  it('begins with a choice where there are several, each by its name', async () => {
    const page = await openBrowser().open(`${broker.url}/app`)
    expect(page).toMatchObject({ status: 200 })
    expect(page.kind === 'page' && wordsOf(page)).toContain('Log in with LS Log in with LAB')
  })

  it('T13 leads to the login with a code challenge, a nonce, a state, the scopes and an address of its own to come back to', async () => {
    const answer = await ask('/app/login?issuer=lab')
    expect(answer.status).toBe(302)
    const location = new URL(answer.headers.get('location') ?? '')
    expect(location.href.startsWith(`${broker.login('lab').issuer}authorize?`)).toBe(true)
    expect(Object.fromEntries(location.searchParams)).toEqual({
      client_id: 'portolan',
      response_type: 'code',
      redirect_uri: `${broker.url}/app/callback/lab`,
      scope: 'openid profile email offline_access eduperson_entitlement',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
  })

  it('ends at the first page, which says who is logged in and what they are a member of', async () => {
    const { page } = await logInAtBroker(broker.url, 'alice')
    expect(page).toMatchObject({ status: 200, url: `${broker.url}/app` })
    const words = wordsOf(page)
    for (const said of ['Hello, Alice Test', 'LS', broker.login().people[0]?.sub ?? '', 'Cancer cohorts ( cancer )'])
      expect(words).toContain(said)
    expect(words).not.toContain('Rare diseases')
  })

  it('ends at the page that was asked for', async () => {
    const { page } = await logInAtBroker(broker.url, 'bob', { returnTo: '/app/device' })
    expect(page).toMatchObject({ status: 200, url: `${broker.url}/app/device` })
  })

  it('works at each of several logins, side by side in two tabs of one browser', async () => {
    const browser = openBrowser()
    const first = await leaveForLogin(broker.url, 'alice', { login: 'ls', browser })
    const second = await leaveForLogin(broker.url, 'bob', { login: 'lab', browser })
    const page = await browser.open(first)
    expect(page.kind === 'page' && wordsOf(page)).toContain('Hello, Alice Test')
    const later = await browser.open(second)
    expect(later.kind === 'page' && wordsOf(later)).toMatch(/Hello, Bob Test .*LAB/)
  })

  it('works in two tabs at one login, each of which ends at the page that it began for', async () => {
    const browser = openBrowser()
    const first = await leaveForLogin(broker.url, 'alice', { browser })
    const second = await leaveForLogin(broker.url, 'alice', { browser, returnTo: '/app/device' })
    expect(await browser.open(second)).toMatchObject({ status: 200, url: `${broker.url}/app/device` })
    expect(await browser.open(first)).toMatchObject({ status: 200, url: `${broker.url}/app` })
  })

  it('goes on after the keys of the login have changed', async () => {
    await logInAtBroker(broker.url, 'alice')
    await broker.login().rotateKeys({ overlap: false })
    const { page } = await logInAtBroker(broker.url, 'alice')
    expect(wordsOf(page)).toContain('Hello, Alice Test')
  })
})

describe('a session', () => {
  it('is over after eight hours at the latest, and the page says so', async () => {
    let ahead = 0
    await using own = await startBrokerWithLogin({ options: { now: () => Date.now() + ahead } })
    const { browser } = await logInAtBroker(own.url, 'alice')
    const look = async (): Promise<string> => {
      const page = await browser.open(`${own.url}/app`)
      return page.kind === 'page' ? wordsOf(page) : ''
    }
    ahead = 29 * 60_000
    expect(await look()).toContain('Hello, Alice Test')
    ahead = 8 * 60 * 60_000 + 1_000
    expect(await look()).toContain('Your session is over. Log in again to go on.')
  })
})

describe('somebody whom no project admits', () => {
  it('is told which entitlements open one and whom to ask', async () => {
    const { page } = await logInAtBroker(broker.url, 'carol')
    const words = wordsOf(page)
    expect(words).toContain('You are in no project')
    expect(words).toContain(`${GROUPS.cancer} : ask cancer-desk@example.org`)
    expect(words).toContain(GROUPS.rareDiseases)
  })

  it('is told too that entitlements of an authority which nobody pins do not count', async () => {
    const { page } = await logInAtBroker(broker.url, 'dora')
    expect(wordsOf(page)).toContain('Your login sent 2 entitlements that do not count here')
  })
})

describe('a logout', () => {
  it('ends the session, revokes the refresh token at the login, and leads there', async () => {
    const { browser, page } = await logInAtBroker(broker.url, 'anton', { login: 'lab' })
    const cookie = browser.cookies.read(`${broker.url}/app`) ?? ''
    const before = (await broker.login('lab').countRequests())['/oidc/revoke'] ?? 0
    const bye = await submit(browser, page)
    expect(bye).toMatchObject({ status: 200 })
    expect(wordsOf(bye)).toContain('Your session here is over. Log out at LAB too')
    expect(await home(cookie)).toContain('Log in with LS')
    expect((await broker.login('lab').countRequests())['/oidc/revoke']).toBe(before + 1)

    const [, link = ''] = /<a href="([^"]+)">Log out at/.exec(bye.text) ?? []
    const there = await browser.open(link.replaceAll('&amp;', '&'))
    expect(there.kind === 'page' && wordsOf(there)).toContain('Do you want to log out?')
    const back = there.kind === 'page' ? await submit(browser, there, { logout: 'yes' }) : undefined
    expect(back).toMatchObject({ url: `${broker.url}/app`, status: 200 })
    expect(bye.text).toContain(`<meta http-equiv="refresh" content="0; url=${link}">`)
  })

  it('ends the session also while the login does not answer, and says so', async () => {
    const { browser, page } = await logInAtBroker(broker.url, 'anton', { login: 'lab' })
    const cookie = browser.cookies.read(`${broker.url}/app`) ?? ''
    await broker.login('lab').setFaults({ kind: 'hang-up' })
    const bye = await submit(browser, page)
    expect(wordsOf(bye)).toContain('LAB did not answer, so you may still be logged in there.')
    expect(await home(cookie)).toContain('Log in with LS')
  })
})

describe('what the person sees', () => {
  it('of a cancelled login: how to begin again, and no session', async () => {
    const browser = openBrowser()
    const page = await browser.open(await cancelLogin(`${broker.url}/app/login?issuer=ls`, browser))
    expect(page).toMatchObject({ kind: 'page', status: 403 })
    expect(page.kind === 'page' && wordsOf(page)).toContain('You cancelled at LS, or it does not let you in here. Begin the login again.')
    expect(browser.cookies.read(broker.url)).not.toContain('portolan_session')
  })

  it.each([
    ['/app/login?issuer=nobody', 404, 'There is no such login here. The logins of this broker are: ls, lab.'],
    ['/app/callback/nobody?state=x&code=y', 404, 'There is no such login here.'],
    ['/app/callback/ls', 400, 'This broker knows of no such login.'],
    ['/app/nowhere', 404, 'There is no page at this address.'],
    ['/app/logout', 405, 'This is offered with POST alone'],
  ])('of %s: %i', async (path, status, says) => {
    const answer = await ask(path)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8'])
    expect(wordsOf({ kind: 'page', url: answer.url, status, text: await answer.text() })).toContain(says)
  })
})
