/**
 * Mutual TLS with real servers of node:https and an authority made here.
 */

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createPlainServer } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import type { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { inspect, promisify } from 'node:util'
import { ApiError } from '@portolan/ga4gh'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { openSubjectTokens } from '../auth/subject-tokens.ts'
import { type Credential, Secret } from '../config.ts'
import { troubleOf } from '../sites/trouble.ts'
import { openSiteAccess } from './access.ts'
import { type MadeCertificate, makeAuthority } from './make-certificate.fixture.ts'
import { createOutboundFetch } from './outbound-fetch.ts'

const ours = makeAuthority('Test authority')
const foreign = makeAuthority('Another authority')
const server = ours.issue({ name: 'site' })
const broker = ours.issue({ name: 'portolan' })

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** A site that asks for a certificate of our authority, and what it saw: the name in the certificate and the header. */
async function listen(options: ServerOptions = {}): Promise<{ origin: string; seen: string[] }> {
  const seen: string[] = []
  const settings = { key: server.key, cert: server.certificate, ca: ours.certificate, requestCert: true, ...options }
  const site = createServer(settings, (request, response) => {
    const shown = (request.socket as TLSSocket).getPeerCertificate()
    seen.push([shown.subject?.CN ?? 'nobody', request.headers.authorization ?? []].flat().join(' '))
    response.end('{}')
  })
  site.on('tlsClientError', () => undefined)
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  cleanUp.push(() => new Promise(done => site.close(done)))
  cleanUp.push(() => site.closeAllConnections())
  return { origin: `https://localhost:${(site.address() as AddressInfo).port}`, seen }
}

function mtls({ certificate, key }: MadeCertificate, changes: { ca?: string; passphrase?: Secret } = {}): Credential {
  return { kind: 'mtls', certificate: { certificate, key: new Secret(key), ca: ours.certificate, ...changes } }
}

function access(origin: string, credential: Credential | undefined, ca?: string) {
  const outbound = createOutboundFetch({ declaredOrigins: [origin], ca })
  cleanUp.push(() => outbound[Symbol.asyncDispose]())
  return openSiteAccess(origin, credential, { outbound, subjectTokens: openSubjectTokens, now: Date.now })
}

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof ApiError) return error
  throw new Error(`expected an ApiError, got ${String(error)}`)
}

describe('a client certificate', () => {
  it('opens the site, and keeps its connection', async () => {
    const { origin, seen } = await listen()
    const { fetch } = access(origin, mtls(broker))
    for (let round = 0; round < 2; round++) expect((await fetch(`${origin}/`, { method: 'POST', body: '{}' })).status).toBe(200)
    expect(seen).toEqual(['portolan', 'portolan'])
  })

  it('may have a key that is locked', async () => {
    const { origin, seen } = await listen()
    const locked = ours.issue({ name: 'portolan', passphrase: makeSecret('open sesame') })
    await access(origin, mtls(locked, { passphrase: new Secret(makeSecret('open sesame')) })).fetch(`${origin}/`, {})
    expect(seen).toEqual(['portolan'])
  })

  it('stands beside a token', async () => {
    const { origin, seen } = await listen()
    const { certificate } = mtls(broker)
    const { fetch, auth } = access(origin, { kind: 'bearer', token: new Secret(makeSecret('t')), certificate })
    const headers = await auth?.({ url: new URL(origin), signal: new AbortController().signal })
    await fetch(`${origin}/`, { headers: { ...headers } })
    expect(seen).toEqual([`portolan Bearer ${makeSecret('t')}`])
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('of nobody is refused before the request is looked at (%s)', async version => {
    const { origin, seen } = await listen({ maxVersion: version })
    const failure = await failureOf(access(origin, undefined, ours.certificate).fetch(`${origin}/`, { method: 'POST', body: '{}' }))
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
    expect(troubleOf(failure)).toEqual({ kind: version === 'TLSv1.3' ? 'certificate' : 'tls' })
    expect(seen).toEqual([])
  })

  it('of another authority opens nothing', async () => {
    const { origin, seen } = await listen()
    const failure = await failureOf(access(origin, mtls(foreign.issue({ name: 'portolan' }))).fetch(`${origin}/`, {}))
    // Servers of Node hang up without a word; others say why in TLS.
    expect(['certificate', 'broken', 'tls']).toContain(troubleOf(failure)?.kind)
    expect(seen).toEqual([])
  })

  it('is shown to no server that the given authority does not vouch for', async () => {
    const { origin, seen } = await listen()
    const failure = await failureOf(
      access(origin, mtls(broker, { ca: foreign.certificate })).fetch(`${origin}/`, { method: 'POST', body: '{}' }),
    )
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
    expect(troubleOf(failure)).toEqual({ kind: 'tls' })
    expect(failure.message).toContain(`${origin} has a certificate that is not trusted (SELF_SIGNED_CERT_IN_CHAIN)`)
    expect(seen).toEqual([])
  })

  it('T10 is bound to its origin: another port gets neither it nor the request', async () => {
    const site = await listen()
    const other = await listen({ requestCert: true, rejectUnauthorized: false })
    const failure = await failureOf(access(site.origin, mtls(broker)).fetch(`${other.origin}/`, {}))
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent', message: expect.stringContaining('is shown nowhere else') })
    expect(other.seen).toEqual([])
  })

  it('is missed by nginx with a page that says 400: no word on the document', async () => {
    const page = '<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>\r\n<body>\r\n</body>\r\n</html>\r\n'
    const site = createPlainServer((_, response) => response.writeHead(400, { 'content-type': 'text/html' }).end(page))
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    cleanUp.push(() => new Promise(done => site.close(done)))
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
    const failure = await failureOf(access(origin, undefined).fetch(`${origin}/`, { method: 'POST', body: '{}' }))
    expect(failure).toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
    expect(troubleOf(failure)).toEqual({ kind: 'certificate' })
  })

  it('leaves nothing of its key in a failure', async () => {
    const { origin } = await listen({ ca: foreign.certificate })
    const failure = await failureOf(access(origin, mtls(broker)).fetch(`${origin}/`, {}))
    const middle = broker.key.split('\n')[1] ?? ''
    expect(middle.length).toBeGreaterThan(60)
    expect(inspect(failure, { showHidden: true, depth: 12 })).not.toContain(middle)
  })
})

describe('a certificate of ours that has expired', () => {
  const expired = ours.issue({ name: 'portolan', from: Date.parse('2025-01-01'), until: Date.parse('2025-03-04') })

  it('is what is said of the site that does not take it, with the day', async () => {
    const { origin, seen } = await listen()
    const error = await failureOf(access(origin, mtls(expired)).fetch(`${origin}/`, { method: 'POST', body: '{}' }))
    expect([troubleOf(error), seen]).toEqual([{ kind: 'expired' }, []])
    expect(error.message).toContain(`the broker's client certificate for ${origin} expired on 2025-03-04`)
  })

  it('is not what is said where no connection comes about for other reasons', async () => {
    const error = await failureOf(access('https://localhost:1', mtls(expired)).fetch('https://localhost:1/', {}))
    expect(troubleOf(error)).toEqual({ kind: 'refused' })
  })
})

describe('a server whose certificate is not trusted', () => {
  const ASK = fileURLToPath(new URL('./ask-once.fixture.ts', import.meta.url))

  it.each([{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }])('T10 gets no request, whatever the environment says (%j)', async environment => {
    const { origin, seen } = await listen({ requestCert: false })
    const env = { ...process.env, NODE_NO_WARNINGS: '1', ...environment }
    const { stdout } = await promisify(execFile)(process.execPath, [ASK, origin], { env, timeout: 20_000 })
    expect([stdout.trim(), seen]).toEqual([expect.stringContaining('has a certificate that is not trusted'), []])
  })
})
