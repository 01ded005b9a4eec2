/**
 * A small server with the login of a broker, for what no healthy broker does: tokens that end in a moment, answers that get lost, refusals. It
 * keeps the rule that matters: a refresh token is good once, and the second use ends the login.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { makeSecret } from '../../../test/leaks/secrets.ts'

export interface SmallBroker {
  readonly url: string
  /** Where the page of a login is said to lie. */
  pageUrl: string
  /** How long access tokens live, seconds. */
  lifeSeconds: number
  /** Access tokens that count. */
  readonly good: Set<string>
  /** The refresh token that counts; undefined: the login is over. */
  current: string | undefined
  /** Why refresh tokens are not exchanged now, if they are not: nothing of them is used up. */
  refusal: { readonly status: number; readonly error: string; readonly error_description: string } | undefined
  /** How many times a refresh token was used. */
  refreshes: number
  readonly revoked: string[]
  /** Requests as `METHOD path`, each with the credential that it brought. */
  readonly asked: { readonly what: string; readonly credential: string | undefined }[]
}

/** The tokens of the so manieth login or renewal. */
export const accessOf = (count: number): string => makeSecret(`access-${count}`)
export const refreshOf = (count: number): string => makeSecret(`refresh-${count}`)

const TASK_LIST = { tasks: [] }
const SERVICE = {
  id: 'x',
  name: 'x',
  type: { group: 'org.ga4gh', artifact: 'tes', version: '1.1.0' },
  organization: { name: 'x', url: 'https://x.example' },
  version: '1',
}

export async function startSmallBroker(): Promise<SmallBroker & AsyncDisposable> {
  const { brokers, ...server } = await startSmallBrokers('')
  const [broker] = brokers
  if (broker === undefined) throw new Error('there is one for each path')
  return Object.assign(broker, server)
}

/** Several beside each other at one origin, each below a path of its own. */
export async function startSmallBrokers(
  ...paths: readonly string[]
): Promise<{ readonly brokers: readonly SmallBroker[] } & AsyncDisposable> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const all = paths.map(path => createSmallBroker(`${origin}${path}`))
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const asked = all.find(({ broker }) => `${origin}${request.url}`.startsWith(`${broker.url}/`))
    if (asked) void asked.answer(request, response)
    else response.writeHead(404).end()
  })
  return {
    brokers: all.map(({ broker }) => broker),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

function createSmallBroker(url: string): { readonly broker: SmallBroker; readonly answer: Answer } {
  let count = 0
  const broker = {
    url,
    pageUrl: `${url}/app/device`,
    lifeSeconds: 900,
    good: new Set<string>(),
    current: undefined as string | undefined,
    refusal: undefined as SmallBroker['refusal'],
    refreshes: 0,
    revoked: [] as string[],
    asked: [] as SmallBroker['asked'],
  }

  function grant(): object {
    count += 1
    const access = accessOf(count)
    broker.good.add(access)
    broker.current = refreshOf(count)
    return {
      access_token: access,
      token_type: 'Bearer',
      expires_in: broker.lifeSeconds,
      refresh_token: broker.current,
      scope: 'read write',
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(/\?.*/, '')
    const credential = request.headers.authorization?.replace(/^Bearer /, '')
    const send = (status: number, body: object) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const form = new URLSearchParams(await text(request))
    broker.asked.push({ what: `${request.method} ${path}`, credential })
    switch (path.replace(/^.*\/portolan\/v1\//, '').replace(/^.*\/v1\//, '')) {
      case 'oauth/device': {
        const page = broker.pageUrl
        const complete = `${page}?user_code=BCDF-GHJK`
        return send(200, {
          device_code: makeSecret('device'),
          user_code: 'BCDF-GHJK',
          verification_uri: page,
          verification_uri_complete: complete,
          expires_in: 600,
          interval: 0,
        })
      }
      case 'oauth/token': {
        if (form.get('grant_type') !== 'refresh_token') return send(200, grant())
        broker.refreshes += 1
        if (broker.refusal) return send(broker.refusal.status, broker.refusal)
        if (form.get('refresh_token') === broker.current) return send(200, grant())
        broker.current = undefined
        return send(400, { error: 'invalid_grant', error_description: 'The refresh token was used before: the login is over.' })
      }
      case 'oauth/revoke':
        broker.revoked.push(form.get('token') ?? '')
        return send(200, {})
      case 'service-info':
        return send(200, SERVICE)
      default:
        if (credential === undefined || !broker.good.has(credential)) return send(401, { msg: 'The token is not taken.', status_code: 401 })
        if (path.endsWith('/me')) {
          return send(200, {
            mode: 'required',
            issuer: 'https://login.example/',
            subject: 'ada',
            name: 'Ada\u001b[2J',
            scopes: ['read'],
            admin: false,
            projects: [],
          })
        }
        return send(200, TASK_LIST)
    }
  }

  return { broker, answer }
}
