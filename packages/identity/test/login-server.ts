/**
 * A small login for tests: a real server on port 0 with discovery, keys, userinfo and introspection, which lies and limps as it is told, and
 * counts what it is asked.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { makeSecret } from '../../../test/leaks/secrets.ts'

/** What one endpoint answers instead of the truth. */
export interface Fault {
  readonly status?: number
  readonly type?: string
  readonly body?: string
  /** It never answers. */
  readonly silent?: boolean
  readonly headers?: Record<string, string>
}

export type Endpoint = 'discovery' | 'metadata' | 'keys' | 'userinfo' | 'introspection'

export interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export interface LoginServer {
  /** With the slash at the end, as LS-Login has it. */
  readonly issuer: string
  /** What was asked, in order. */
  readonly asked: Endpoint[]
  /** `Authorization` and body of the last question to introspection. */
  readonly introspections: { authorization: string; body: string }[]
  readonly faults: Map<Endpoint, Fault>
  /** The keys that are published. */
  keys: SigningKey[]
  userinfo: Record<string, unknown>
  introspection: Record<string, unknown>
  /** Changes to the discovery document. */
  metadata: Record<string, unknown>
  /** A good access token with these changes; by the first published key unless another is named. */
  issue(claims?: JWTPayload, header?: Record<string, unknown>, key?: SigningKey): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

export const CLIENT = 'portolan'
export const SECRET = makeSecret('a secret: with + and %')
export const SUBJECT = '0a1b@lifescience-ri.eu'

let count = 0

export async function makeKey(alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const kid = `key-${++count}`
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** `now` is the clock of its tokens, in ms. */
export async function startLogin(now: () => number = Date.now): Promise<LoginServer> {
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}/oidc/`

  const documents: Record<Endpoint, () => unknown> = {
    discovery: describe,
    metadata: describe,
    keys: () => ({ keys: login.keys.map(({ jwk }) => jwk) }),
    userinfo: () => login.userinfo,
    introspection: () => login.introspection,
  }
  const paths = new Map<string, Endpoint>([
    ['/oidc/.well-known/openid-configuration', 'discovery'],
    ['/.well-known/oauth-authorization-server/oidc/', 'metadata'],
    ['/oidc/jwk', 'keys'],
    ['/oidc/userinfo', 'userinfo'],
    ['/oidc/introspect', 'introspection'],
  ])

  function describe() {
    return {
      issuer,
      jwks_uri: `${issuer}jwk`,
      userinfo_endpoint: `${issuer}userinfo`,
      introspection_endpoint: `${issuer}introspect`,
      ...login.metadata,
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoint = paths.get(request.url ?? '')
    if (endpoint === undefined) return void response.writeHead(404).end()
    login.asked.push(endpoint)
    if (endpoint === 'introspection') {
      const body = Buffer.concat(await request.toArray()).toString()
      login.introspections.push({ authorization: request.headers.authorization ?? '', body })
    }
    const { silent, status = 200, type = 'application/json', body, headers } = login.faults.get(endpoint) ?? {}
    if (silent) return
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(body ?? JSON.stringify(documents[endpoint]()))
  }

  const login: LoginServer = {
    issuer,
    asked: [],
    introspections: [],
    faults: new Map(),
    keys: [await makeKey()],
    userinfo: { sub: SUBJECT, name: 'Ann Example', email: 'ann@example.org' },
    introspection: {
      active: true,
      token_type: 'Bearer',
      sub: SUBJECT,
      client_id: CLIENT,
      scope: 'openid',
      exp: Math.floor(now() / 1000) + 3600,
    },
    metadata: {},
    async issue(claims = {}, header = {}, key = login.keys[0]) {
      if (!key) throw new Error('The login has no key')
      const at = Math.floor(now() / 1000)
      const payload = { iss: issuer, sub: SUBJECT, azp: CLIENT, scope: 'openid email', iat: at, exp: at + 3600, jti: 't-1', ...claims }
      return await new SignJWT(payload).setProtectedHeader({ typ: 'at+jwt', alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return login
}
