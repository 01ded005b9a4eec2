/**
 * What a web page, or somebody who sends addresses around, tries against the session of a person.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { decideAtBroker, leaveForLogin, logInAtBroker, wordsOf } from '../harness/visitor.ts'
import { type Browser, findForm, openBrowser, type Page } from '../login/browser.ts'

let broker: BrokerWithLogin

beforeAll(async () => {
  const generous = { rates: { address: { failures: { atOnce: 1_000, perMinute: 1_000 } } } }
  broker = await startBrokerWithLogin({ ids: ['ls', 'lab'], limits: generous })
})
afterAll(() => broker[Symbol.asyncDispose]())

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${broker.url}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(20_000), ...init })
const cookieOf = (browser: Browser): string => browser.cookies.read(`${broker.url}/app`) ?? ''
const isLoggedIn = async (cookie: string): Promise<boolean> =>
  (await (await ask('/app', { headers: { cookie } })).text()).includes('Hello, ')
const open = async (browser: Browser, url: string): Promise<Page> => {
  const place = await browser.open(url)
  if (place.kind === 'stop') throw new Error(place.url)
  return place
}

it.each(['GET', 'OPTIONS'])('T13 no answer is for a page of an origin that is not listed to read (%s)', async method => {
  const headers = { origin: 'https://evil.example.org', 'access-control-request-method': 'GET' }
  const answer = await ask('/ga4gh/tes/v1/service-info', { method, headers })
  expect([answer.headers.get('access-control-allow-origin'), answer.status === 204]).toEqual([null, false])
})

describe('T13 a form that another page sends', () => {
  const post = (path: string, cookie: string, headers: Record<string, string>, fields: Record<string, string>) =>
    ask(path, { method: 'POST', headers: { cookie, ...headers }, body: new URLSearchParams(fields) })

  it.each<[string, (own: string) => Record<string, string>]>([
    ['from another site', () => ({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.org' })],
    ['from another host of the same site', () => ({ 'sec-fetch-site': 'same-site', origin: 'http://evil.127.0.0.1' })],
    ['by an old browser, from a foreign origin', () => ({ origin: 'https://evil.example.org' })],
    ['by an old browser, from an origin that it hides', () => ({ origin: 'null' })],
    ['by an old browser, from another port of this host', () => ({ origin: 'http://127.0.0.1:1' })],
    ['without a word of where it comes from', () => ({})],
    ['from another site, with our origin made up', own => ({ 'sec-fetch-site': 'cross-site', origin: own })],
  ])('%s does nothing, though the cookie comes along', async (_, headers) => {
    const { browser, page } = await logInAtBroker(broker.url, 'alice')
    const fields = findForm(page)?.fields ?? {}
    const cookie = cookieOf(browser)
    for (const path of ['/app/logout', '/app/device', '/app/access']) {
      const answer = await post(path, cookie, headers(broker.url), { ...fields, user_code: 'BCDFGHJK', decision: 'approve', all: 'end' })
      expect([path, answer.status]).toEqual([path, 403])
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(await isLoggedIn(cookie)).toBe(true)
  })

  it('with the word of another session does nothing, even from our own page', async () => {
    const alice = await logInAtBroker(broker.url, 'alice')
    const mallory = await logInAtBroker(broker.url, 'bob')
    const ours = { 'sec-fetch-site': 'same-origin', origin: broker.url }
    for (const fields of [findForm(mallory.page)?.fields ?? {}, {}, { form_token: '' }]) {
      expect((await post('/app/logout', cookieOf(alice.browser), ours, fields)).status).toBe(403)
      expect((await post('/app/access', cookieOf(alice.browser), ours, { ...fields, all: 'end' })).status).toBe(403)
      const decision = { ...fields, user_code: 'BCDFGHJK', decision: 'approve' }
      expect((await post('/app/device', cookieOf(alice.browser), ours, decision)).status).toBe(403)
    }
    expect(await isLoggedIn(cookieOf(alice.browser))).toBe(true)
    expect((await post('/app/logout', cookieOf(alice.browser), ours, findForm(alice.page)?.fields ?? {})).status).toBe(200)
    expect(await isLoggedIn(cookieOf(alice.browser))).toBe(false)
  })

  it('is not even there to be sent where no device waits', async () => {
    const page = await decideAtBroker(broker.url, 'alice', 'BCDFGHJK', { decision: 'approve' })
    expect([page.status, wordsOf(page)]).toEqual([403, expect.stringContaining('Nothing was done')])
  })

  it('as an address does nothing: no page changes anything when it is opened', async () => {
    const { browser } = await logInAtBroker(broker.url, 'alice')
    for (const path of ['/app/logout', '/app/device?user_code=BCDFGHJK&decision=approve'])
      await ask(path, { headers: { cookie: cookieOf(browser) } })
    expect(await isLoggedIn(cookieOf(browser))).toBe(true)
  })
})

describe('T13 the address that leads back from a login', () => {
  it('is worth nothing in another browser, whether that has begun a login or not', async () => {
    const back = await leaveForLogin(broker.url, 'bob')
    const victim = openBrowser()
    await victim.open(`${broker.url}/app/login?issuer=ls`, url => url.includes('/authorize'))
    for (const browser of [openBrowser(), victim]) {
      const page = await open(browser, back)
      expect(page.status).toBe(400)
      expect(wordsOf(page)).toContain('This login was not begun in this browser. If somebody sent you here, close the page.')
      expect(cookieOf(browser)).not.toContain('portolan_session')
    }
  })

  it('still counts in the browser that began, after somebody else has tried it', async () => {
    const browser = openBrowser()
    const back = await leaveForLogin(broker.url, 'bob', { browser })
    expect((await open(openBrowser(), back)).status).toBe(400)
    expect(wordsOf(await open(browser, back))).toContain('Hello, Bob Test')
  })

  it('counts once', async () => {
    const browser = openBrowser()
    const back = await leaveForLogin(broker.url, 'bob', { browser })
    expect((await open(browser, back)).status).toBe(200)
    const session = cookieOf(browser)
    const again = await open(browser, back)
    expect([again.status, wordsOf(again), cookieOf(browser)]).toEqual([
      400,
      expect.stringContaining('This login was used already'),
      session,
    ])
    expect(await isLoggedIn(session)).toBe(true)
  })

  it('is not used up by a look at it without the page', async () => {
    const browser = openBrowser()
    const back = await leaveForLogin(broker.url, 'bob', { browser })
    const headers = { cookie: browser.cookies.read(back) ?? '' }
    const looks = [await fetch(back, { method: 'HEAD', headers }), await ask('/app/login?issuer=ls', { method: 'HEAD', headers })]
    for (const look of looks) expect([look.status, look.headers.get('allow'), look.headers.getSetCookie()]).toEqual([405, 'GET', []])
    expect(wordsOf(await open(browser, back))).toContain('Hello, Bob Test')
  })

  it('counts for one of two that come at the same moment', async () => {
    const browser = openBrowser()
    const back = await leaveForLogin(broker.url, 'bob', { browser })
    const cookie = browser.cookies.read(back) ?? ''
    const answers = await Promise.all([1, 2, 3].map(() => fetch(back, { headers: { cookie }, redirect: 'manual' })))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([302, 400, 400])
  })

  it('is not taken for that of another login: neither of them gets the code of the other', async () => {
    const browser = openBrowser()
    const back = new URL(await leaveForLogin(broker.url, 'bob', { login: 'lab', browser }))
    const before = (await broker.login('ls').countRequests())['/oidc/token'] ?? 0
    back.pathname = '/app/callback/ls'
    const page = await open(browser, back.href)
    expect(page.status).toBe(400)
    expect(wordsOf(page)).toContain('This login was begun at another login than LS, and nothing of the answer was taken.')
    expect((await broker.login('ls').countRequests())['/oidc/token'] ?? 0).toBe(before)
  })

  it.each<[string, (state: string, other: string) => string[]]>([
    ['its state twice', state => [state, state]],
    ['a state of somebody else before its own', (state, other) => [other, state]],
    ['a state of somebody else after its own', (state, other) => [state, other]],
  ])('with %s is refused, and counts when it comes as it was', async (_, statesOf) => {
    const browser = openBrowser()
    const back = new URL(await leaveForLogin(broker.url, 'bob', { browser }))
    const state = back.searchParams.get('state') ?? ''
    const other = new URL(await leaveForLogin(broker.url, 'bob', { browser: openBrowser() })).searchParams.get('state') ?? ''
    const doubled = new URL(back)
    doubled.searchParams.delete('state')
    for (const one of statesOf(state, other)) doubled.searchParams.append('state', one)
    const asked = async () => (await broker.login('ls').countRequests())['/oidc/token'] ?? 0
    const before = await asked()
    expect([(await open(browser, doubled.href)).status, await asked()]).toEqual([400, before])
    expect((await open(browser, back.href)).status).toBe(200)
  })

  it.each(['code=x', 'state=a&state=b', `state=${'A'.repeat(43)}&code=x`])(
    'that was made up (%s) is refused, and no login is asked',
    async query => {
      const browser = openBrowser()
      await leaveForLogin(broker.url, 'bob', { browser })
      const before = (await broker.login('ls').countRequests())['/oidc/token'] ?? 0
      const page = await open(browser, `${broker.url}/app/callback/ls?${query}`)
      expect(page.status).toBe(400)
      expect((await broker.login('ls').countRequests())['/oidc/token'] ?? 0).toBe(before)
    },
  )
})

describe('T13 a session', () => {
  it('gets a new name at the login, and the one that the browser had is worth nothing any more', async () => {
    const first = await logInAtBroker(broker.url, 'bob')
    const fixed = cookieOf(first.browser)
    const second = await logInAtBroker(broker.url, 'alice', { login: 'lab', browser: first.browser })
    expect(wordsOf(second.page)).toContain('Hello, Alice Test')
    expect(cookieOf(second.browser)).not.toBe(fixed)
    expect(await isLoggedIn(fixed)).toBe(false)
  })

  it('is never one that somebody has made up', async () => {
    for (const value of [`portolan_sid_${'0'.repeat(49)}`, 'x', ''])
      expect(await isLoggedIn(`__Host-portolan_session=${value}`)).toBe(false)
  })

  it('is in cookies that belong to this host, that no script reads, and that no other site sends along with a form', async () => {
    const begun = await ask('/app/login?issuer=ls')
    expect(begun.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-portolan_login=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/),
    ])
    const browser = openBrowser()
    const back = await leaveForLogin(broker.url, 'alice', { browser })
    const ended = await fetch(back, { headers: { cookie: browser.cookies.read(back) ?? '' }, redirect: 'manual' })
    expect(ended.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-portolan_session=portolan_sid_\w{49}; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ])
  })

  it('leaves no cookie behind at a logout', async () => {
    const { browser, page } = await logInAtBroker(broker.url, 'alice')
    const body = new URLSearchParams(findForm(page)?.fields ?? {})
    const bye = await ask('/app/logout', { method: 'POST', headers: { cookie: cookieOf(browser), origin: broker.url }, body })
    expect(bye.headers.getSetCookie()).toEqual(
      ['session', 'login'].map(name => `__Host-portolan_${name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`),
    )
  })

  it('opens no door of the API', async () => {
    const { browser } = await logInAtBroker(broker.url, 'alice')
    const cookie = cookieOf(browser)
    const value = /__Host-portolan_session=([^;]+)/.exec(cookie)?.[1] ?? ''
    const basic = `Basic ${Buffer.from(`alice:${value}`).toString('base64')}`
    for (const path of ['/ga4gh/tes/v1/tasks', '/tasks', '/portolan/v1/projects', '/portolan/v1/sites']) {
      for (const more of [[], ['authorization', `Bearer ${value}`], ['authorization', basic], ['x-api-key', value]]) {
        const headers = { cookie, 'sec-fetch-site': 'same-origin', ...Object.fromEntries(more.length > 0 ? [more] : []) }
        expect([path, (await ask(path, { headers })).status]).toEqual([path, 401])
      }
    }
  })

  it('is the only thing that opens the pages: a token of the API is nobody there', async () => {
    const token = await broker.login().mintAccessToken({ person: 'alice', client: 'portolan', scopes: ['openid', 'profile'] })
    const page = await (await ask('/app', { headers: { authorization: `Bearer ${token}` } })).text()
    expect(page).toContain('Log in with LS')
    expect(page).not.toContain('Alice')
  })
})

describe('T13 where a login leads', () => {
  it.each(['https://evil.example.org/', '//evil.example.org', '/\\evil.example.org', '/app/../..//evil.example.org', '/portolan/v1/sites'])(
    'is never %s',
    async returnTo => {
      const answer = await ask(`/app/login?issuer=ls&return_to=${encodeURIComponent(returnTo)}`)
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
      expect(await answer.text()).toContain('return_to leads away from this broker.')
    },
  )

  it('is what this browser asked for, whatever the address that leads back says', async () => {
    const browser = openBrowser()
    const back = await leaveForLogin(broker.url, 'alice', { browser })
    const answer = await fetch(`${back}&return_to=https://evil.example.org`, {
      headers: { cookie: browser.cookies.read(back) ?? '' },
      redirect: 'manual',
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/app'])
  })
})

describe('T13 every page', () => {
  it.each(['/app', '/app/device', '/app/nowhere', '/app/callback/ls', '/app/login', '/app/login?issuer=ls'])(
    '%s may not be framed, runs no script, asks nothing of others, is kept by nobody',
    async path => {
      const { headers } = await ask(path)
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      )
      expect(
        Object.fromEntries(
          ['referrer-policy', 'x-content-type-options', 'x-frame-options', 'cache-control'].map(name => [name, headers.get(name)]),
        ),
      ).toEqual({
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      })
      expect(headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  it('has the one stylesheet, which is no page', async () => {
    const { headers, status } = await ask('/app/style.css')
    expect([status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([
      200,
      'text/css; charset=utf-8',
      'nosniff',
    ])
  })
})
