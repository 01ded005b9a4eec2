/**
 * A site that decides by persons, behind a whole broker: it gets a token of the person whose task it is, good there and nowhere else.
 */
import { createFakeSite } from '@portolan/tes/testing'
import { decodeJwt } from 'jose'
import { expect, it } from 'vitest'
import { startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { until } from '../harness/until.ts'
import { logInAtBroker } from '../harness/visitor.ts'

const RESOURCE = 'https://site-a.example.org/'
const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'eduperson_entitlement']
const TASK = JSON.stringify({ executors: [{ image: 'alpine:3', command: ['true'] }] })

it('T02 a task is offered with a token of its owner, which the site can use neither here nor in the name of anybody else', async () => {
  await using site = await createFakeSite({ progress: 'manual' })
  const credential = (issuer: string) => ({
    kind: 'token_exchange',
    issuer,
    clientId: 'portolan',
    clientSecretRef: 'env:LOGIN_SECRET',
    resource: RESOURCE,
  })
  await using broker = await startBrokerWithLogin({
    resources: [RESOURCE],
    sites: login => [{ id: 'a', url: site.url, place: { country: 'DE' }, credential: credential(login('ls').issuer) }],
  })
  const login = broker.login()
  const ask = (token: string, path: string, body?: string) =>
    fetch(`${broker.url}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body }),
    })
  await logInAtBroker(broker.url, 'alice')
  const own = await login.mintAccessToken({ person: 'alice', client: 'portolan', scopes: SCOPES })
  expect((await ask(own, '/ga4gh/tes/v1/tasks', TASK)).status).toBe(200)

  const offer = await until('the site is offered the task', () =>
    site.requests.find(({ method, url }) => method === 'POST' && url.endsWith('/tasks')),
  )
  const shown = offer.headers.authorization?.replace(/^Bearer /, '') ?? ''
  const alice = login.people.find(({ id }) => id === 'alice')?.sub
  expect(decodeJwt(shown)).toMatchObject({ sub: alice, aud: RESOURCE, azp: 'portolan' })
  expect(shown).not.toBe(own)

  const replayed = await ask(shown, '/ga4gh/tes/v1/tasks')
  expect([replayed.status, (await replayed.json()).msg]).toEqual([401, expect.stringContaining('issued for another service')])
  for (const { headers } of site.requests) expect(decodeJwt(headers.authorization?.replace(/^Bearer /, '') ?? '').aud).toBe(RESOURCE)
})
