/**
 * A site that means harm: what it can learn of the credentials for others, and what its answers can do to the broker. And, beside it, in whose name
 * the broker speaks to a site that decides by persons.
 */
import { gzipSync } from 'node:zlib'
import type { SiteTaskId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { UnsecuredJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import type { Person, SubjectTokens } from '../auth/subject-tokens.ts'
import { convertSite } from '../config/convert.ts'
import { SiteFile } from '../config/site-file.ts'
import { TrackingFile } from '../config/tracking-file.ts'
import { Secret, type SiteCredential, type TokenClient } from '../config.ts'
import { openSiteAccess, tokenOriginsOf } from '../http/access.ts'
import { answerJson, type Handler, type JsonServer, startJsonServer } from '../http/json-server.fixture.ts'
import { createOutboundFetch, type OutboundOptions } from '../http/outbound-fetch.ts'
import type { SiteGateway } from './gateway.ts'
import { createTesGateway } from './push-gateway.ts'

const TASK: TesTask = { executors: [{ image: 'alpine', command: ['true'] }] }
const ID = 'task-1' as SiteTaskId
const ADA: Person = { issuer: 'https://login.example/', subject: 'ada' }
const BOB: Person = { issuer: 'https://login.example/', subject: 'bob' }
const never = new AbortController().signal

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function listen(handler: Handler): Promise<JsonServer> {
  const server = await startJsonServer(handler)
  cleanUp.push(() => server[Symbol.asyncDispose]())
  return server
}

const take: Handler = (_, response) => answerJson(response, { id: ID, tasks: [] })

interface Wishes {
  readonly credential?: SiteCredential
  readonly subjectTokens?: SubjectTokens
  /** Other servers that operators have declared. */
  readonly declared?: readonly string[]
  readonly outbound?: Partial<OutboundOptions>
}

function gatewayTo(origin: string, wishes: Wishes = {}): SiteGateway {
  const credential = wishes.credential ?? { kind: 'bearer', token: new Secret(makeSecret('token')) }
  const declaredOrigins = [origin, ...(wishes.declared ?? []), ...tokenOriginsOf(credential)]
  const outbound = createOutboundFetch({ declaredOrigins, ...wishes.outbound })
  const file = SiteFile.parse({ id: 'a', url: origin, place: { country: 'DE' }, limits: { requestsPerSecond: 1000 } })
  const subjectTokens = wishes.subjectTokens ?? { subjectTokenOf: async ({ subject }: Person) => new Secret(`login-of-${subject}`) }
  const gateway = createTesGateway({
    site: convertSite(file, TrackingFile.parse({ siteTimeoutSeconds: 1 }), false),
    url: origin,
    access: openSiteAccess(origin, credential, { outbound, subjectTokens, now: Date.now }),
    concurrentRequests: 4,
  })
  cleanUp.push(
    () => outbound[Symbol.asyncDispose](),
    () => gateway[Symbol.asyncDispose](),
  )
  return gateway
}

/** A token server that gives each subject, and the broker, a token for the resource that was asked for. */
async function tokenServer(): Promise<TokenClient['server'] & { tokenUrl: string }> {
  const { origin } = await listen((_request, response, body) => {
    const form = new URLSearchParams(body)
    const sub = form.get('subject_token')?.replace('login-of-', '') ?? 'broker'
    const token = new UnsecuredJWT({ sub, aud: form.get('resource') ?? '' }).encode()
    return answerJson(response, { access_token: token, token_type: 'Bearer', expires_in: 300 })
  })
  return { tokenUrl: `${origin}/token` }
}

function exchangeAt(server: TokenClient['server'], resource: string): SiteCredential {
  const client: TokenClient = {
    server,
    clientId: 'portolan',
    clientSecret: new Secret(makeSecret('client')),
    clientAuth: 'basic',
    resource,
  }
  return {
    kind: 'token_exchange',
    client,
    requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
    own: { kind: 'client_credentials', client },
  }
}

/** `POST ada@https://site/`: who asked, and for whom the token is. */
function namesIn(shown: readonly string[]): string[] {
  return shown.map(line => {
    const [method = '', , token = ''] = line.split(' ')
    const { sub, aud } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return `${method} ${sub}@${aud}`
  })
}

describe('T10 the credential of one site', () => {
  it('is shown to no other, however they answer', async () => {
    const a = await listen(take)
    const b = await listen(take)
    const toA = gatewayTo(a.origin, { credential: { kind: 'bearer', token: new Secret(makeSecret('token-of-a')) }, declared: [b.origin] })
    const toB = gatewayTo(b.origin, {
      credential: { kind: 'basic', username: 'b', password: new Secret(makeSecret('password-of-b')) },
      declared: [a.origin],
    })
    for (const gateway of [toA, toB]) {
      await gateway.offer(TASK, ADA, never)
      await gateway.observe('MINIMAL', never)
    }
    expect(a.shown).toEqual([`POST Bearer ${makeSecret('token-of-a')}`, `GET Bearer ${makeSecret('token-of-a')}`])
    expect(new Set(b.shown.map(line => line.split(' ')[2]))).toEqual(new Set([btoa(`b:${makeSecret('password-of-b')}`)]))
  })

  it.each([301, 302, 303, 307, 308])('is not carried to another by a redirect (%i), nor is the task', async status => {
    const thief = await listen(take)
    const site = await listen((_, response) => response.writeHead(status, { location: `${thief.origin}/v1/tasks` }).end())
    const gateway = gatewayTo(site.origin, { declared: [thief.origin] })
    expect(await gateway.offer(TASK, ADA, never)).toMatchObject({ outcome: 'rejected' })
    expect(await gateway.observe('MINIMAL', never)).toMatchObject({ complete: false })
    expect(await gateway.read(ID, 'FULL', never)).toMatchObject({ outcome: 'failed' })
    expect(await gateway.withdraw(ID, ADA, never)).toMatchObject({ outcome: 'failed' })
    expect(thief.shown).toEqual([])
  })

  it('is a token for that site alone where persons are exchanged, though one server gives them all', async () => {
    const server = await tokenServer()
    const a = await listen(take)
    const b = await listen(take)
    for (const [site, name] of [
      [a, 'https://a/'],
      [b, 'https://b/'],
    ] as const) {
      await gatewayTo(site.origin, { credential: exchangeAt(server, name), declared: [a.origin, b.origin] }).offer(TASK, ADA, never)
    }
    expect([namesIn(a.shown), namesIn(b.shown)]).toEqual([['POST ada@https://a/'], ['POST ada@https://b/']])
  })

  const decode = (header: string): string => Buffer.from(header.split(' ')[1] ?? '', 'base64').toString()
  const told: readonly [string, (header: string) => string][] = [
    ['as it was sent', header => header],
    ['without its scheme', header => header.split(' ')[1] ?? ''],
    ['decoded', decode],
    ['decoded, and the password alone', header => decode(header).replace(/^[^:]*:/, '')],
    ['encoded for a URL', header => encodeURIComponent(decode(header).replace(/^[^:]*:/, ''))],
    ['in JSON within JSON', header => JSON.stringify({ header, pair: decode(header) })],
  ]
  it.each(told)('is in no word of a failure where the site tells it %s', async (_name, tell) => {
    const password = `${makeSecret('password')} "so" 100% + ä`
    const spelled = [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1), btoa(password.slice(0, 9))]
    for (const credential of [
      { kind: 'bearer', token: new Secret(makeSecret('token')) },
      { kind: 'basic', username: 'portolan', password: new Secret(password) },
    ] as const) {
      const site = await listen((request, response) => {
        const words = tell(request.headers.authorization ?? '')
        const problems = [{ path: words, message: words, fix: words }]
        answerJson(response, { message: `no: ${words}`, problems }, 400)
      })
      const gateway = gatewayTo(site.origin, { credential })
      const failures = [
        await gateway.offer(TASK, ADA, never),
        await gateway.observe('BASIC', never),
        await gateway.read(ID, 'FULL', never),
        await gateway.withdraw(ID, ADA, never),
      ]
      const all = JSON.stringify(failures)
      expect([makeSecret('token'), makeSecret('password'), ...spelled].filter(secret => all.includes(secret))).toEqual([])
    }
  })
})

describe('T10 an answer', () => {
  const wide = { maxResponseBytes: 1024 * 1024 }
  const endless: readonly [string, Handler][] = [
    [
      'without end',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":"')
        const more = (): void => void (response.writable && response.write('x'.repeat(64 * 1024), () => setImmediate(more)))
        more()
      },
    ],
    [
      'that unpacks to far more',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * 1024 * 1024))),
    ],
    [
      'that promises 5 GiB',
      (_, response) => response.writeHead(200, { 'content-length': String(5 * 2 ** 30) }).write('x'.repeat(2 * 1024 * 1024)),
    ],
    [
      'that comes one byte at a time',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
      },
    ],
    [
      'with headers without end',
      (_, response) =>
        response.writeHead(200, Object.fromEntries(Array.from({ length: 400 }, (_entry, at) => [`x-${at}`, 'y'.repeat(200)]))).end('{}'),
    ],
    ['that is nested too deep to be a task', (_, response) => response.end('['.repeat(200_000))],
  ]
  it.each(endless)('%s is given up within the time of a request, and proves nothing', async (_name, handler) => {
    const site = await listen(handler)
    const gateway = gatewayTo(site.origin, { outbound: wide })
    expect(await gateway.offer(TASK, ADA, never)).toMatchObject({ outcome: 'ambiguous' })
    expect(await gateway.observe('MINIMAL', never)).toMatchObject({ complete: false, tasks: [] })
  })

  it.each(endless.slice(0, 3))('%s is cut off where it is too long, and not only when the time is over', async (_name, handler) => {
    const site = await listen(handler)
    const gateway = gatewayTo(site.origin, { outbound: wide })
    const detail = `POST ${site.origin}/tasks answered more than ${wide.maxResponseBytes} bytes`
    expect(await gateway.offer(TASK, ADA, never)).toMatchObject({ outcome: 'ambiguous', detail })
    expect(await gateway.observe('MINIMAL', never)).toMatchObject({ complete: false, failure: { kind: 'unreadable' } })
  })
})

describe('a site that decides by persons', () => {
  it('is offered a task, and told to cancel it, by its owner, and is listed and read by the broker', async () => {
    const server = await tokenServer()
    const site = await listen(take)
    const gateway = gatewayTo(site.origin, { credential: exchangeAt(server, 'https://site/') })
    await gateway.offer(TASK, ADA, never)
    await gateway.offer(TASK, BOB, never)
    await gateway.observe('BASIC', never)
    await gateway.read(ID, 'FULL', never)
    await gateway.withdraw(ID, BOB, never)
    await gateway.withdraw(ID, undefined, never)
    expect(namesIn(site.shown).map(line => line.replace('@https://site/', ''))).toEqual([
      'POST ada',
      'POST bob',
      'GET broker',
      'GET broker',
      'POST bob',
      'POST broker',
    ])
  })

  it('gets nothing of a person whose login has ended, which is not its fault, and a cancel by the broker', async () => {
    const server = await tokenServer()
    const site = await listen(take)
    const gateway = gatewayTo(site.origin, {
      credential: exchangeAt(server, 'https://site/'),
      subjectTokens: { subjectTokenOf: async () => undefined },
    })
    expect(await gateway.offer(TASK, ADA, never)).toEqual({
      outcome: 'rejected',
      rejection: 'refused',
      asked: false,
      detail: 'the broker holds no valid login of this person',
    })
    expect(site.shown).toEqual([])
    expect(await gateway.withdraw(ID, ADA, never)).toEqual({ outcome: 'taken' })
    expect(namesIn(site.shown)).toEqual(['POST broker@https://site/'])
  })

  it('tells nobody the token of another in its logs, however many it was sent', async () => {
    const server = await tokenServer()
    const sent: string[] = []
    const site = await listen((request, response) => {
      sent.push(request.headers.authorization?.replace('Bearer ', '') ?? '')
      const log = { logs: [{ exit_code: 0, stdout: sent.join('\n') }], outputs: [] }
      answerJson(response, { id: ID, state: 'COMPLETE', logs: [log] })
    })
    const gateway = gatewayTo(site.origin, { credential: exchangeAt(server, 'https://site/') })
    for (let at = 0; at < 40; at += 1) await gateway.offer(TASK, { ...ADA, subject: `person-${at}` }, never)
    const found = JSON.stringify(await gateway.read(ID, 'FULL', never))
    expect(sent.length).toBe(41)
    expect(sent.filter(token => found.includes(token))).toEqual([])
  })

  it('waits where the login cannot be asked just now', async () => {
    const server = await tokenServer()
    const site = await listen(take)
    const gateway = gatewayTo(site.origin, {
      credential: exchangeAt(server, 'https://site/'),
      subjectTokens: { subjectTokenOf: () => Promise.reject(new Error('the login is down')) },
    })
    expect(await gateway.offer(TASK, ADA, never)).toMatchObject({ outcome: 'rejected', rejection: 'unsent', trouble: { kind: 'tokens' } })
    expect(site.shown).toEqual([])
  })
})
