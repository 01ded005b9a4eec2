import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findForm, openBrowser } from './browser.ts'
import { approveDevice, refuseDevice } from './person.ts'
import { CLIENTS, discover } from './service.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

let login: StandIn
let config: openid.Configuration

beforeAll(async () => {
  login = await startStandIn({ clients: CLIENTS })
  config = await discover(login.issuer, 'terminal')
})
afterAll(() => login[Symbol.asyncDispose]())

async function connect(): Promise<{ uri: string; poll: () => ReturnType<typeof openid.pollDeviceAuthorizationGrant> }> {
  const device = await openid.initiateDeviceAuthorization(config, { scope: 'openid offline_access eduperson_entitlement' })
  expect(device.verification_uri).toBe(`${login.issuer}device`)
  expect(device.user_code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
  return { uri: device.verification_uri_complete ?? '', poll: () => openid.pollDeviceAuthorizationGrant(config, device) }
}

describe('a device', () => {
  it('gets tokens of the person who approved its code, by a public client', async () => {
    const { uri, poll } = await connect()
    await approveDevice(uri, 'bob')
    const tokens = await poll()
    const bob = login.people.find(({ id }) => id === 'bob')
    expect(tokens.refresh_token).toBeDefined()
    expect(tokens.claims()).toMatchObject({ sub: bob?.sub, aud: 'terminal' })
    const userinfo = await openid.fetchUserInfo(config, tokens.access_token, bob?.sub ?? '')
    expect(userinfo.eduperson_entitlement).toEqual(bob?.claims.eduperson_entitlement)
  })

  it('waits until somebody has approved', async () => {
    const device = await openid.initiateDeviceAuthorization(config, { scope: 'openid' })
    const once = openid.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: device.device_code })
    await expect(once).rejects.toMatchObject({ error: 'authorization_pending' })
  })

  it('is told when the person refused', async () => {
    const { uri, poll } = await connect()
    await refuseDevice(uri)
    await expect(poll()).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('cannot be approved twice, or by a code that nobody gave out', async () => {
    const { uri } = await connect()
    await approveDevice(uri, 'alice')
    await expect(approveDevice(uri, 'bob')).rejects.toThrow('the device was not approved')
    await expect(approveDevice(`${login.issuer}device?user_code=BBBB-BBBB`, 'bob')).rejects.toThrow('There is no such code')
  })
})

describe('the pages', () => {
  it('ask a person without a hint who they are, by buttons with names', async () => {
    const { uri } = await connect()
    const browser = openBrowser()
    const opened = await browser.open(uri)
    const confirm = opened.kind === 'page' ? await browser.submit(findForm(opened) ?? fail(), {}) : fail()
    expect(confirm).toMatchObject({
      kind: 'page',
      status: 200,
      text: expect.stringContaining('<strong>terminal</strong> asks to act for you'),
    })
    const choose = confirm.kind === 'page' ? await browser.submit(findForm(confirm) ?? fail(), {}) : fail()
    expect(choose).toMatchObject({ kind: 'page', text: expect.stringContaining('>Log in as Alice Test</button>') })
    const { buttons } = (choose.kind === 'page' && findForm(choose)) || fail()
    expect(buttons.map(({ value }) => value)).toEqual(['alice', 'anton', 'bob', 'carol', 'dora', 'yes'])
  })
})

function fail(): never {
  throw new Error('a page with a form was expected')
}
