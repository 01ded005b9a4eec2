import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../../test/call.ts'
import { type RunningApi, startApi } from '../../test/start-api.ts'

let api: RunningApi

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

describe('without a login', () => {
  it.each(['/app', '/app/login', '/app/callback/ls?state=x&code=y', '/app/device'])('%s is no page, and says why', async path => {
    const { status, headers, text } = await call(api.port, { path })
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(text).toContain('Nobody logs in here: this broker runs in open mode')
    expect(headers['set-cookie']).toBeUndefined()
  })

  it.each(['/app/nothing', '/app/..%2f..%2fetc', '/app/'])('%s is nothing, and says so to people', async path => {
    const { status, headers, text } = await call(api.port, { path })
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(text).toContain('There is no page at this address.')
  })

  it('a form does nothing, and one of another web page is kept out before it is read', async () => {
    const send = (origin: Record<string, string>) =>
      call(api.port, {
        ...{ method: 'POST', path: '/app/logout', body: 'form_token=x' },
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...origin },
      })
    const { status, headers, text } = await send({})
    expect([status, headers['set-cookie']]).toEqual([404, undefined])
    expect(text).toContain('Nobody logs in here')
    expect((await send({ origin: 'https://evil.example.org' })).status).toBe(403)
  })
})
