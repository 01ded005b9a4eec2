/**
 * A broker whose public URL has a path, behind a proxy that takes the path off: every address that it gives out leads through the proxy.
 */
import * as oauth from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { approve, logInDevice, projectsBy, refresh, tokensOf } from '../harness/oauth.ts'
import { type PathProxy, startPathProxy } from '../harness/path-proxy.ts'
import { leaveForLogin, logInAtBroker, submit, wordsOf } from '../harness/visitor.ts'
import { findForm, openBrowser } from '../login/browser.ts'

const PATH = '/portolan-x'

let proxy: PathProxy
let broker: BrokerWithLogin

beforeAll(async () => {
  proxy = await startPathProxy(PATH)
  broker = await startBrokerWithLogin({ publicUrl: proxy.url })
  proxy.forwardTo(broker.url)
})
afterAll(async () => {
  await broker[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

/** Every address in the markup of a page that leads to this host. */
function linksOf(text: string): readonly string[] {
  const found = [...text.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, link = '']) => link.replaceAll('&amp;', '&'))
  return found.filter(link => link.startsWith('/') || link.startsWith(new URL(proxy.url).origin))
}

describe('a broker below a path', () => {
  it('logs people in and out by addresses below it, with cookies of the whole host', async () => {
    const browser = openBrowser()
    const begun = await fetch(`${proxy.url}/app/login?issuer=ls`, { redirect: 'manual' })
    expect(begun.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-portolan_login=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/),
    ])
    const asked = new URL(begun.headers.get('location') ?? '').searchParams.get('redirect_uri')
    expect(asked).toBe(`${proxy.url}/app/callback/ls`)

    const back = await leaveForLogin(proxy.url, 'alice', { browser, returnTo: '/app/device' })
    const landed = await browser.open(back)
    expect([landed.url, landed.kind === 'page' && wordsOf(landed)]).toEqual([
      `${proxy.url}/app/device`,
      expect.stringContaining('The code that the device shows'),
    ])
    const home = await browser.open(`${proxy.url}/app`)
    if (home.kind === 'stop') throw new Error(home.url)
    expect(wordsOf(home)).toContain('Hello, Alice Test')
    const bye = await submit(browser, home)
    expect([bye.status, wordsOf(bye)]).toEqual([200, expect.stringContaining('Your session here is over.')])
    const [, end = ''] = /http-equiv="refresh" content="0; url=([^"]*)"/.exec(bye.text) ?? []
    expect(new URL(end.replaceAll('&amp;', '&')).searchParams.get('post_logout_redirect_uri')).toBe(`${proxy.url}/app`)
    const again = await browser.open(`${proxy.url}/app`)
    expect(again.kind === 'page' && wordsOf(again)).toContain('Log in with LS')
  })

  it('has no link, form or stylesheet on any page that leads elsewhere', async () => {
    const { browser, page } = await logInAtBroker(proxy.url, 'alice')
    const code = 'BCDF-GHJK'
    const paths = ['/app', '/app/device', `/app/device?user_code=${code}`, '/app/nowhere', '/app/callback/ls', '/app/login?issuer=nobody']
    for (const visitor of [browser, openBrowser()]) {
      for (const path of paths) {
        const place = await visitor.open(`${proxy.url}${path}`)
        if (place.kind === 'stop') throw new Error(place.url)
        const links = linksOf(place.text)
        expect(links).toContain(`${PATH}/app/style.css`)
        expect([path, links.filter(link => !link.startsWith(`${PATH}/app`))]).toEqual([path, []])
      }
    }
    expect(findForm(page)?.action).toBe(`${proxy.url}/app/logout`)
    expect((await fetch(`${proxy.url}/app/style.css`)).headers.get('content-type')).toContain('text/css')
  })

  it('lets devices in at a page below it, by tokens that name it as issuer and audience', async () => {
    const tokens = await logInDevice(proxy.url, 'alice')
    expect(await projectsBy(proxy.url, tokens.access)).toEqual(['cancer'])
    expect(await projectsBy(proxy.url, tokensOf(await refresh(proxy.url, tokens.refresh)).access)).toEqual(['cancer'])
    const tasks = await fetch(`${proxy.url}/ga4gh/tes/v1/tasks`, { headers: { authorization: `Bearer ${tokens.access}` } })
    expect(tasks.status).toBe(200)
  })

  it('is found by clients of OAuth where RFC 8414 puts the metadata of an issuer with a path, and below the path too', async () => {
    const client = await oauth.discovery(new URL(proxy.url), 'any client', undefined, oauth.None(), {
      algorithm: 'oauth2',
      execute: [oauth.allowInsecureRequests],
    })
    const { issuer, token_endpoint, jwks_uri } = client.serverMetadata()
    expect([issuer, token_endpoint, jwks_uri]).toEqual([
      proxy.url,
      `${proxy.url}/portolan/v1/oauth/token`,
      `${proxy.url}/portolan/v1/oauth/keys`,
    ])
    const started = await oauth.initiateDeviceAuthorization(client, { scope: 'read' })
    expect([started.verification_uri, started.verification_uri_complete]).toEqual([
      `${proxy.url}/app/device`,
      `${proxy.url}/app/device?user_code=${started.user_code}`,
    ])
    await approve(proxy.url, 'alice', { userCode: started.user_code, deviceCode: started.device_code })
    const granted = await oauth.pollDeviceAuthorizationGrant(client, { ...started, interval: 1 })
    expect(await projectsBy(proxy.url, granted.access_token)).toEqual(['cancer'])

    const Metadata = z.object({ issuer: z.string() })
    const read = async (url: string) => Metadata.parse(await (await fetch(url)).json()).issuer
    expect(await read(`${proxy.url}/.well-known/oauth-authorization-server`)).toBe(proxy.url)
    expect(await read(`${broker.url}/.well-known/oauth-authorization-server${PATH}`)).toBe(proxy.url)
    const elsewhere = await fetch(`${broker.url}/.well-known/oauth-authorization-server/other`)
    expect(elsewhere.status).toBe(404)
  })
})
