/**
 * The routes of a login at a broker that has none.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from './call.ts'
import { type RunningApi, startApi } from './start-api.ts'

let api: RunningApi

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

describe('in open mode', () => {
  it.each([
    ['POST', '/portolan/v1/oauth/device'],
    ['POST', '/portolan/v1/oauth/token'],
    ['POST', '/portolan/v1/oauth/revoke'],
    ['GET', '/portolan/v1/oauth/keys'],
    ['GET', '/.well-known/oauth-authorization-server'],
  ])('%s %s is 404 and says that there is no login', async (method, path) => {
    const { status, text } = await call(api.port, { method, path, ...(method === 'POST' && { headers: FORM, body: 'client_id=cli' }) })
    expect([status, JSON.parse(text)]).toMatchObject([
      404,
      { type: 'urn:portolan:error:no-login', msg: expect.stringMatching(/^This broker has no login\./) },
    ])
  })

  it('T13 a form is taken nowhere else', async () => {
    for (const path of ['/tasks', '/portolan/v1/placements', '/portolan/v1/oauth/token/x', '/portolan/v1/oauth/..%2f..%2ftasks']) {
      const { status } = await call(api.port, { method: 'POST', path, headers: FORM, body: 'x=1' })
      expect([path, status]).toEqual([path, 415])
    }
  })

  it('T13 a page of another origin is not told even that', async () => {
    const headers = { ...FORM, origin: 'https://evil.example.org' }
    const { status } = await call(api.port, { method: 'POST', path: '/portolan/v1/oauth/device', headers, body: 'client_id=cli' })
    expect(status).toBe(403)
  })
})
