/**
 * The client against a small server that answers by a script: what it makes of each answer, and how often it asks.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ApiError } from '@portolan/ga4gh'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { type DeviceLogin, type LoginServer, pollDeviceLogin, refresh, revoke, startDeviceLogin } from './login-client.ts'

type Reply = (response: ServerResponse) => unknown

const json =
  (status: number, body: object): Reply =>
  response =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const refuse = (error: string, status = 400): Reply => json(status, { error, error_description: `It is ${error}.` })
const hangUp: Reply = response => response.destroy()
const [ACCESS, REFRESH, NEXT, DEVICE] = [makeSecret('access'), makeSecret('refresh'), makeSecret('next'), makeSecret('device')]
const GRANT = json(200, {
  access_token: ACCESS,
  token_type: 'Bearer',
  expires_in: 900,
  refresh_token: NEXT,
  scope: 'read write',
  project: 'genomes',
})
const TOKENS = { accessToken: ACCESS, refreshToken: NEXT, scopes: ['read', 'write'], project: 'genomes', expiresAt: expect.any(Number) }
const LOGIN: DeviceLogin = {
  deviceCode: DEVICE,
  userCode: 'BCDF-GHJK',
  verificationUri: 'https://p.example.org/app/device',
  verificationUriComplete: 'https://p.example.org/app/device?user_code=BCDF-GHJK',
  expiresAt: Date.now() + 600_000,
  intervalMs: 0,
}

/** Answers by the replies, the last one again and again. */
async function serve(...replies: Reply[]) {
  const forms: Record<string, string>[] = []
  const paths: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    paths.push(`${request.method} ${request.url}`)
    forms.push(Object.fromEntries(new URLSearchParams(await text(request))))
    const [reply] = replies.length > 1 ? replies.splice(0, 1) : replies
    reply?.(response)
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const login: LoginServer = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`,
    clientId: 'portolan-cli on ada-laptop',
    signal: AbortSignal.timeout(20_000),
  }
  return {
    login,
    forms,
    paths,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('a device that begins a login', () => {
  it('says what it calls itself and what it asks for', async () => {
    const body = {
      device_code: DEVICE,
      user_code: 'u',
      verification_uri: 'v',
      verification_uri_complete: 'c',
      expires_in: 600,
      interval: 5,
    }
    await using server = await serve(json(200, body))
    expect(await startDeviceLogin(server.login, ['read'])).toMatchObject({ deviceCode: DEVICE, userCode: 'u', intervalMs: 5_000 })
    expect(server.paths).toEqual(['POST /prefix/portolan/v1/oauth/device'])
    expect(server.forms).toEqual([{ client_id: 'portolan-cli on ada-laptop', scope: 'read' }])
  })

  it('says of an answer that is none of a broker that it cannot read it', async () => {
    await using server = await serve(json(200, {}))
    await expect(startDeviceLogin(server.login)).rejects.toMatchObject({ code: 'unreadable' })
  })
})

describe('a device that waits for its approval', () => {
  it('asks until it is approved', async () => {
    await using server = await serve(refuse('authorization_pending'), refuse('authorization_pending'), GRANT)
    expect(await pollDeviceLogin(server.login, LOGIN)).toEqual({ outcome: 'granted', tokens: TOKENS })
    expect(server.forms).toEqual(
      Array(3).fill({
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: DEVICE,
        client_id: 'portolan-cli on ada-laptop',
      }),
    )
  })

  it('goes on where the broker is away for a moment', async () => {
    await using server = await serve(hangUp, refuse('temporarily_unavailable', 503), GRANT)
    expect(await pollDeviceLogin(server.login, LOGIN)).toMatchObject({ outcome: 'granted' })
  })

  it.each(['access_denied', 'expired_token', 'invalid_grant'])('ends with the sentence of %s', async error => {
    await using server = await serve(refuse(error))
    expect(await pollDeviceLogin(server.login, LOGIN)).toEqual({ outcome: 'refused', says: `It is ${error}.` })
  })

  it('ends when the time is over, without a further question', async () => {
    await using server = await serve(GRANT)
    const ended = await pollDeviceLogin(server.login, { ...LOGIN, expiresAt: Date.now() })
    expect([ended.outcome, server.forms]).toEqual(['refused', []])
  })

  it('throws what is about something else', async () => {
    await using server = await serve(json(404, { msg: 'There is no login here.' }))
    await expect(pollDeviceLogin(server.login, LOGIN)).rejects.toBeInstanceOf(ApiError)
  })
})

describe('a refresh', () => {
  it('brings new tokens', async () => {
    await using server = await serve(GRANT)
    expect(await refresh(server.login, REFRESH, ['read'])).toEqual({ outcome: 'granted', tokens: TOKENS })
    expect(server.forms).toEqual([
      { grant_type: 'refresh_token', refresh_token: REFRESH, scope: 'read', client_id: 'portolan-cli on ada-laptop' },
    ])
  })

  it('is sent once more if its answer was lost, and never a third time', async () => {
    await using mended = await serve(hangUp, GRANT)
    expect(await refresh(mended.login, REFRESH)).toMatchObject({ outcome: 'granted' })
    await using broken = await serve(hangUp)
    await expect(refresh(broken.login, REFRESH)).rejects.toMatchObject({ code: 'connection_lost' })
    expect([mended.forms.length, broken.forms.length]).toEqual([2, 2])
  })

  it('that is refused says why, and is not sent again', async () => {
    await using server = await serve(refuse('invalid_grant'))
    expect(await refresh(server.login, REFRESH)).toEqual({ outcome: 'refused', says: 'It is invalid_grant.' })
    expect(server.forms.length).toBe(1)
  })

  it('that cannot be judged now throws, and is not sent again: the token still counts', async () => {
    await using server = await serve(refuse('temporarily_unavailable', 503))
    await expect(refresh(server.login, REFRESH)).rejects.toMatchObject({ code: 'server_error', reason: 'temporarily_unavailable' })
    expect(server.forms.length).toBe(1)
  })
})

it('revokes, and no error repeats the token', async () => {
  const token = `portolan_rt_${'x'.repeat(49)}`
  await using server = await serve(json(200, {}), json(400, { error: 'invalid_request', error_description: `no ${token}` }))
  await revoke(server.login, token)
  expect(server.forms[0]).toMatchObject({ token })
  const error: unknown = await revoke(server.login, token).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ reason: 'invalid_request', said: 'no [hidden]' })
  expect(String(error)).not.toContain(token)
})
