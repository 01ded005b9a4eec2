import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSecret } from '../leaks/secrets.ts'
import { openBrowser } from './browser.ts'
import { loginInBrowser } from './person.ts'
import { CLIENTS, discover, REDIRECT_URI } from './service.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

let login: StandIn

beforeAll(async () => {
  login = await startStandIn({ clients: CLIENTS })
})
afterAll(() => login[Symbol.asyncDispose]())

async function authorizationUrl(more: Record<string, string> = {}): Promise<string> {
  return openid.buildAuthorizationUrl(await discover(login.issuer), { redirect_uri: REDIRECT_URI, scope: 'openid', ...more }).href
}
const isBack = (url: string): boolean => url.startsWith(REDIRECT_URI)

describe('a person in a browser', () => {
  it.each(['bob', 'bob@example.org'])('named %s by the login_hint meets no page', async login_hint => {
    expect(await openBrowser().open(await authorizationUrl({ login_hint }), isBack)).toMatchObject({ kind: 'stop' })
  })

  it('without a hint, or with one of nobody, is asked who they are', async () => {
    expect(await openBrowser().open(await authorizationUrl(), isBack)).toMatchObject({ kind: 'page', status: 200 })
    expect(await openBrowser().open(await authorizationUrl({ login_hint: 'zoe' }), isBack)).toMatchObject({ kind: 'page', status: 200 })
  })

  it('is asked once in a session, unless the service wants it again', async () => {
    const browser = openBrowser()
    await loginInBrowser(await authorizationUrl(), 'alice', browser)
    expect(await browser.open(await authorizationUrl(), isBack)).toMatchObject({ kind: 'stop' })
    expect(await browser.open(await authorizationUrl({ prompt: 'login' }), isBack)).toMatchObject({ kind: 'page' })
  })

  it('can change: another person logs in, in the same browser', async () => {
    const browser = openBrowser()
    await loginInBrowser(await authorizationUrl(), 'alice', browser)
    const back = await loginInBrowser(await authorizationUrl({ prompt: 'login' }), 'bob', browser)
    const tokens = await openid.authorizationCodeGrant(await discover(login.issuer), new URL(back))
    expect(tokens.claims()?.sub).toBe(login.people.find(({ id }) => id === 'bob')?.sub)
  })

  it('sees why a request is refused that names no address to go back to', async () => {
    const strange = (await authorizationUrl()).replace(encodeURIComponent(REDIRECT_URI), encodeURIComponent('http://127.0.0.1:9/elsewhere'))
    await expect(loginInBrowser(strange, 'alice')).rejects.toThrow('invalid_redirect_uri')
  })
})

describe('a login that begins at the service', () => {
  let service: Server
  let origin: string
  let standIn: StandIn

  beforeAll(async () => {
    service = createServer()
    await once(service.listen(0, '127.0.0.1'), 'listening')
    origin = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
    const redirectUri = `${origin}/callback`
    standIn = await startStandIn({
      clients: [{ id: 'web', secret: makeSecret('web'), grants: ['authorization_code'], redirectUris: [redirectUri] }],
    })
    service.on('request', (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', origin)
      if (pathname === '/login') {
        const query = new URLSearchParams({
          client_id: 'web',
          redirect_uri: redirectUri,
          response_type: 'code',
          scope: 'openid',
          state: 's1',
        })
        const cookie = '__Host-state=s1; Secure; HttpOnly; SameSite=Lax; Path=/'
        response.writeHead(303, { location: `${standIn.issuer}authorize?${query}`, 'set-cookie': cookie }).end()
      } else {
        response.end(request.headers.cookie?.includes(`__Host-state=${searchParams.get('state')}`) ? 'welcome' : 'another browser')
      }
    })
  })
  afterAll(async () => {
    service.close()
    service.closeAllConnections()
    await standIn[Symbol.asyncDispose]()
  })

  it('ends before the redirect is opened, and the same browser can open it', async () => {
    const browser = openBrowser()
    const back = await loginInBrowser(`${origin}/login`, 'carol', browser)
    expect(back).toMatch(/\/callback\?code=[^&]+&state=s1$/)
    expect(await browser.open(back)).toMatchObject({ kind: 'page', text: 'welcome' })
    expect(await openBrowser().open(back)).toMatchObject({ kind: 'page', text: 'another browser' })
  })
})
