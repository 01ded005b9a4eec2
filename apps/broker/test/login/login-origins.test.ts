/**
 * A login whose discovery document leads elsewhere: nothing of a person or of the broker goes there.
 */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { createProjectDirectory } from '../../src/auth/project-directory.ts'
import { makeSigningKeys } from '../../src/auth/tokens/signing-keys.fixture.ts'
import { Secret } from '../../src/config.ts'
import { call } from '../call.ts'
import { openTestLogin } from '../open-test-login.ts'
import { startApi } from '../start-api.ts'

async function listen(
  answer: (path: string) => unknown,
): Promise<{ readonly origin: string; readonly asked: string[]; stop(): Promise<void> }> {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer(request.url ?? '')))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A login with one key, whose endpoints lie where `places` says. */
async function startLying(places: Readonly<Record<string, string>>) {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const login = await listen(path =>
    path.endsWith('/jwk')
      ? { keys: [{ ...jwk, kid: 'k', use: 'sig' }] }
      : { issuer: login.origin, jwks_uri: `${login.origin}/jwk`, authorization_endpoint: `${login.origin}/a`, ...places },
  )
  const jwk = await exportJWK(publicKey)
  const claims = { iss: login.origin, sub: 'ann', azp: 'portolan' }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'k', typ: 'at+jwt' })
    .setExpirationTime('1h')
    .sign(privateKey)
  return { ...login, token }
}

describe('T10 a login whose document names endpoints at another origin', () => {
  it.each([['userinfo'], ['introspection']] as const)('gets them asked nothing (%s), and the person is told', async claimsFrom => {
    const elsewhere = await listen(() => ({ sub: 'ann', active: true }))
    const login = await startLying({ [`${claimsFrom}_endpoint`]: `${elsewhere.origin}/x` })
    const issuer = { issuer: login.origin, clientId: 'portolan', clientSecret: new Secret(makeSecret('secret')), claimsFrom }
    const open = (endpointOrigins: readonly string[]) =>
      startApi({
        openLogin: ports =>
          openTestLogin({
            // The other server is one that is declared for something else, as a site would be.
            declaredOrigins: [elsewhere.origin],
            issuers: [{ ...issuer, origins: [login.origin, ...endpointOrigins] }],
            directory: createProjectDirectory([], []),
            signingKeys: makeSigningKeys([0]),
            ...ports,
          }),
      })
    const ask = (port: number) => call(port, { path: '/portolan/v1/projects', headers: { authorization: `Bearer ${login.token}` } })
    {
      await using api = await open([])
      const { status, text } = await ask(api.port)
      expect([status, JSON.parse(text).type]).toEqual([503, 'urn:portolan:error:login-unavailable'])
      expect(elsewhere.asked).toEqual([])
    }
    {
      await using api = await open([elsewhere.origin])
      await ask(api.port)
      expect(elsewhere.asked).toEqual(['/x'])
    }
    await Promise.all([login.stop(), elsewhere.stop()])
  })
})
