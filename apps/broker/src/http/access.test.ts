/**
 * Tokens for sites, from a token server that is a real HTTP server, to a site that is one too. Every secret here carries a mark, and no failure may
 * show it in any form.
 */
import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { ApiError, createTransport } from '@portolan/ga4gh'
import { UnsecuredJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { MARKER as MARK, makeSecret } from '../../../../test/leaks/secrets.ts'
import type { Person, SubjectTokens } from '../auth/subject-tokens.ts'
import { Secret, type SiteCredential, type TokenClient } from '../config.ts'
import { troubleOf } from '../sites/trouble.ts'
import { type Access, openSiteAccess, type SiteAccess, tokenOriginsOf } from './access.ts'
import { withFreshToken } from './fresh-token.ts'
import { answerJson, type Handler, startJsonServer } from './json-server.fixture.ts'
import { createOutboundFetch } from './outbound-fetch.ts'
import { findTokenFailure } from './token-failure.ts'

const ADA: Person = { issuer: 'https://login.example/', subject: 'ada' }
const BOB: Person = { issuer: 'https://login.example/', subject: 'bob' }
const SITE = 'https://site.example/'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function listen(handler: Handler): Promise<string> {
  const server = await startJsonServer(handler)
  cleanUp.push(() => server[Symbol.asyncDispose]())
  return server.origin
}

const jwt = (claims: Record<string, unknown>): string => new UnsecuredJWT({ jti: MARK, ...claims }).encode()

interface Asked {
  readonly form: Readonly<Record<string, string>>
  readonly authorization: string | undefined
}

/** A token server that answers by `answer`, and what it was asked. */
async function tokens(
  answer: (asked: Asked, count: number, response: ServerResponse) => unknown,
  issuer = (origin: string) => `${origin}/`,
) {
  const asked: Asked[] = []
  let discoveries = 0
  const origin: string = await listen((request, response, body) => {
    if (request.method === 'GET') {
      discoveries++
      return answerJson(response, { issuer: issuer(origin), token_endpoint: `${origin}/token` })
    }
    const one = { form: Object.fromEntries(new URLSearchParams(body)), authorization: request.headers.authorization }
    asked.push(one)
    return answer(one, asked.length, response)
  })
  return { origin, asked, discoveries: () => discoveries }
}

const give = (response: ServerResponse, token: string, more: object = {}): unknown =>
  answerJson(response, {
    access_token: token,
    token_type: 'Bearer',
    expires_in: 300,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    ...more,
  })

const client = (server: TokenClient['server'], more: Partial<TokenClient> = {}): TokenClient => ({
  server,
  clientId: 'portolan',
  clientSecret: new Secret(`secret${MARK}`),
  clientAuth: 'basic',
  ...more,
})

/** A site that remembers the headers it was shown and answers with `status`. */
async function site(status: (authorization: string | undefined) => number = () => 200) {
  const seen: (string | undefined)[] = []
  const origin = await listen((request, response) => {
    seen.push(request.headers.authorization)
    answerJson(response, {}, status(request.headers.authorization))
  })
  return { origin, seen }
}

/** What a token server gives to whoever asks as the so manieth. */
const tokenOf = (count: number): string => makeSecret(`t${count}`)

const nobody: SubjectTokens = { subjectTokenOf: async () => undefined }
const everybody: SubjectTokens = { subjectTokenOf: async ({ subject }) => new Secret(`${subject}-${MARK}`) }

interface Opened {
  readonly access: SiteAccess
  clock: number
}

function open(origin: string, credential: SiteCredential, subjectTokens: SubjectTokens = everybody): Opened {
  const outbound = createOutboundFetch({ declaredOrigins: [origin, ...tokenOriginsOf(credential)] })
  cleanUp.push(() => outbound[Symbol.asyncDispose]())
  const opened = { clock: 1_000_000, access: {} as SiteAccess }
  opened.access = openSiteAccess(origin, credential, { outbound, subjectTokens, now: () => opened.clock })
  return opened
}

/** One request to the site, as the gateway sends it. */
async function ask(origin: string, access: Access, method: 'GET' | 'POST' = 'GET'): Promise<number> {
  const transport = createTransport({ baseUrl: origin, ...access, maxRetries: 0 })
  return (await withFreshToken(() => transport.request({ method, path: '/x', ...(method === 'POST' && { body: {} }) }))).status
}

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ApiError)) return expect.fail(`expected an ApiError, got ${String(error)}`)
  expect(findSecret(inspect(error, { showHidden: true, depth: 12 }))).toBe(false)
  return error
}

/** The mark as it is, in hex and in base64 at each of its three offsets. */
function findSecret(text: string): boolean {
  const base64 = [0, 1, 2].map(offset => {
    const coded = Buffer.from(`${'x'.repeat(offset)}${MARK}`).toString('base64')
    return coded.slice(offset === 0 ? 0 : 4, -4)
  })
  return [MARK, Buffer.from(MARK).toString('hex'), ...base64].some(form => text.includes(form))
}

describe('a secret that was replaced in its file', () => {
  /** A secret whose file is rewritten by `replace`, and how often it was read. */
  function inFile(name: string) {
    const file = { holds: makeSecret(`${name}-1`), reads: 0 }
    const read = async (): Promise<string> => {
      file.reads += 1
      return file.holds
    }
    return { file, secret: new Secret(file.holds, read) }
  }

  it('is read again where the site refuses it, and the request is sent once more', async () => {
    const { file, secret } = inFile('password')
    const { origin, seen } = await site(header => (header === `Basic ${btoa(`a:${file.holds}`)}` ? 200 : 401))
    const { access } = open(origin, { kind: 'basic', username: 'a', password: secret })
    expect(await ask(origin, access)).toBe(200)
    file.holds = makeSecret('password-2')
    expect(await Promise.all([ask(origin, access, 'POST'), ask(origin, access, 'POST')])).toEqual([200, 200])
    expect([file.reads, seen.length]).toEqual([1, 5])
  })

  it('is read at most once in ten seconds where the site refuses every one', async () => {
    const { file, secret } = inFile('token')
    const { origin, seen } = await site(() => 401)
    const opened = open(origin, { kind: 'bearer', token: secret })
    for (let count = 0; count < 20; count += 1) expect((await failureOf(ask(origin, opened.access))).status).toBe(401)
    expect([file.reads, seen.length]).toEqual([1, 20])
    opened.clock += 10_000
    await failureOf(ask(origin, opened.access))
    expect(file.reads).toBe(2)
  })

  it('is read again where the token server refuses the broker', async () => {
    const { file, secret } = inFile('client')
    const authorizations: (string | undefined)[] = []
    const server = await listen((request, response) => {
      authorizations.push(request.headers.authorization)
      const pair = Buffer.from(request.headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString()
      return decodeURIComponent(pair) === `portolan:${file.holds}`
        ? give(response, tokenOf(1))
        : answerJson(response, { error: 'invalid_client' }, 401)
    })
    file.holds = makeSecret('client-2')
    const { origin } = await site()
    const { access } = open(origin, {
      kind: 'client_credentials',
      client: client({ tokenUrl: `${server}/token` }, { clientSecret: secret }),
    })
    expect(await ask(origin, access)).toBe(200)
    expect([file.reads, authorizations.length]).toEqual([1, 2])
  })
})

it('the search for the mark finds it where it stands', () => {
  for (const planted of [
    MARK,
    `Basic ${btoa(`portolan:secret${MARK}`)}`,
    btoa(`a${MARK}`),
    btoa(`ab${MARK}`),
    Buffer.from(`z${MARK}`).toString('hex'),
  ])
    expect(findSecret(`cause: ${planted}!`)).toBe(true)
  expect(findSecret('Basic YWJjZA==')).toBe(false)
})

describe('client credentials', () => {
  it('get a token by the discovery of the issuer, with the secret in the header, and send it to the site', async () => {
    const server = await tokens((_, count, response) => give(response, tokenOf(count)))
    const { origin, seen } = await site()
    const { access } = open(origin, {
      kind: 'client_credentials',
      client: client({ issuer: `${server.origin}/` }, { scope: 'a b', resource: SITE }),
    })
    expect(await ask(origin, access, 'POST')).toBe(200)
    expect(seen).toEqual([`Bearer ${tokenOf(1)}`])
    expect(server.asked).toEqual([
      {
        form: { grant_type: 'client_credentials', scope: 'a b', resource: SITE },
        authorization: `Basic ${Buffer.from(`portolan:secret${MARK}`).toString('base64')}`,
      },
    ])
  })

  it('get it at a token endpoint without discovery, with the secret in the body where that is wished', async () => {
    const server = await tokens((_, count, response) => give(response, tokenOf(count)))
    const { origin, seen } = await site()
    await ask(
      origin,
      open(origin, {
        kind: 'client_credentials',
        client: client({ tokenUrl: `${server.origin}/t` }, { clientAuth: 'post', audience: 'a' }),
      }).access,
    )
    expect(server.discoveries()).toBe(0)
    expect(server.asked[0]?.form).toEqual({
      grant_type: 'client_credentials',
      audience: 'a',
      client_id: 'portolan',
      client_secret: `secret${MARK}`,
    })
    expect(seen).toEqual([`Bearer ${tokenOf(1)}`])
  })

  it('ask once for many requests, and anew shortly before the token expires', async () => {
    const server = await tokens((_, count, response) => give(response, tokenOf(count)))
    const { origin, seen } = await site()
    const opened = open(origin, { kind: 'client_credentials', client: client({ issuer: `${server.origin}/` }) })
    await Promise.all(Array.from({ length: 8 }, () => ask(origin, opened.access)))
    opened.clock += 269_000
    await ask(origin, opened.access)
    expect(new Set(seen)).toEqual(new Set([`Bearer ${tokenOf(1)}`]))
    opened.clock += 2_000
    await ask(origin, opened.access)
    expect(seen.at(-1)).toBe(`Bearer ${tokenOf(2)}`)
    expect([server.asked.length, server.discoveries()]).toEqual([2, 1])
  })

  it('get a new token once where the site refuses one that was kept', async () => {
    const server = await tokens((_, count, response) => give(response, tokenOf(count)))
    const { origin, seen } = await site(header => (header === `Bearer ${tokenOf(1)}` && seen.length > 1 ? 401 : 200))
    const opened = open(origin, { kind: 'client_credentials', client: client({ issuer: `${server.origin}/` }) })
    await ask(origin, opened.access)
    opened.clock += 60_000
    expect(await ask(origin, opened.access)).toBe(200)
    expect(seen).toEqual([`Bearer ${tokenOf(1)}`, `Bearer ${tokenOf(1)}`, `Bearer ${tokenOf(2)}`])
  })

  it('do not storm the token server where the site refuses every token', async () => {
    const server = await tokens((_, count, response) => give(response, tokenOf(count)))
    const { origin, seen } = await site(() => 401)
    const opened = open(origin, { kind: 'client_credentials', client: client({ issuer: `${server.origin}/` }) })
    for (let round = 0; round < 3; round++) {
      const failure = await failureOf(ask(origin, opened.access))
      expect(troubleOf(failure)).toEqual({ kind: 'status', status: 401 })
    }
    expect([server.asked.length, seen.length]).toEqual([1, 3])
  })

  const failures: readonly [string, (asked: Asked, count: number, response: ServerResponse) => unknown, string, string][] = [
    [
      'refuses the client',
      (_, _count, response) => answerJson(response, { error: 'invalid_client', error_description: `secret${MARK}` }, 400),
      'client',
      'gives the broker no token (invalid_client)',
    ],
    [
      'refuses it by a header',
      (_, _count, response) => response.writeHead(401, { 'www-authenticate': `Basic realm="secret${MARK}"` }).end(),
      'client',
      'refuses the broker',
    ],
    [
      'makes up a code',
      (_, _count, response) => answerJson(response, { error: `secret${MARK}` }, 400),
      'client',
      'gives the broker no token (an unknown code)',
    ],
    ['fails', (_, _count, response) => answerJson(response, { error: 'invalid_client' }, 503), 'tokens', 'cannot give a token now (503)'],
    [
      'answers HTML',
      (_, _count, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${MARK}</p>`),
      'tokens',
      'answers with what is no token',
    ],
    [
      'redirects',
      (_, _count, response) => response.writeHead(302, { location: `http://127.0.0.1:1/?${MARK}` }).end(),
      'tokens',
      'answers with what is no token',
    ],
    ['hangs up', (_, _count, response) => response.destroy(), 'tokens', 'cannot be asked'],
    [
      'gives a token of another kind',
      (_, _count, response) => give(response, tokenOf(1), { token_type: 'mac' }),
      'client',
      'gives a token of a kind that cannot be sent',
    ],
    [
      'gives a token that breaks a header',
      (_, _count, response) => give(response, `${tokenOf(1)}\r\nx: y`),
      'client',
      'that cannot stand in a header',
    ],
    [
      'gives a token for somebody else',
      (_, _count, response) => give(response, jwt({ aud: ['https://other.example/'] })),
      'client',
      `that is not for ${SITE}`,
    ],
    ['gives one for nobody', (_, _count, response) => give(response, jwt({})), 'client', `that is not for ${SITE}`],
  ]
  it('count the time for a token as the token server’s where a request has less', async () => {
    const server = await tokens(() => undefined)
    const { origin, seen } = await site()
    const { access } = open(origin, { kind: 'client_credentials', client: client({ tokenUrl: `${server.origin}/token` }) })
    const transport = createTransport({ baseUrl: origin, ...access, timeoutMs: 300 })
    const failure = await failureOf(transport.request({ method: 'POST', path: '/x', body: {} }))
    expect([failure.delivery, troubleOf(failure), seen]).toEqual(['not_sent', { kind: 'tokens' }, []])
    expect(findTokenFailure(failure)?.message).toBe('the token server gave no token in the time of the request')
  })

  it.each(failures)('T10 send nothing where the token server %s', async (_name, answer, kind, says) => {
    const server = await tokens(answer)
    const { origin, seen } = await site()
    const { access } = open(origin, { kind: 'client_credentials', client: client({ issuer: `${server.origin}/` }, { resource: SITE }) })
    const failure = await failureOf(ask(origin, access, 'POST'))
    expect(failure).toMatchObject({ delivery: 'not_sent' })
    expect(troubleOf(failure)).toEqual({ kind })
    expect(findTokenFailure(failure)?.message).toContain(says)
    expect(seen).toEqual([])
  })

  it('take a JWT that names the site among its audiences', async () => {
    const token = jwt({ aud: ['account', SITE], exp: 4_000_000_000 })
    const server = await tokens((_, _count, response) => give(response, token))
    const { origin, seen } = await site()
    await ask(
      origin,
      open(origin, { kind: 'client_credentials', client: client({ issuer: `${server.origin}/` }, { audience: SITE }) }).access,
    )
    expect(seen).toEqual([`Bearer ${token}`])
  })

  it('remember a failure for a few seconds, and come back after it', async () => {
    const server = await tokens((_, count, response) => (count === 1 ? answerJson(response, {}, 500) : give(response, tokenOf(count))))
    const { origin, seen } = await site()
    const opened = open(origin, { kind: 'client_credentials', client: client({ issuer: `${server.origin}/` }) })
    await failureOf(ask(origin, opened.access))
    await failureOf(ask(origin, opened.access))
    expect(server.asked.length).toBe(1)
    opened.clock += 5_000
    await ask(origin, opened.access)
    expect(seen).toEqual([`Bearer ${tokenOf(2)}`])
  })

  it.each([
    ['a slash less', (origin: string) => origin],
    ['another one', () => 'https://login.example/'],
  ])('send nothing where the discovery document names %s', async (_name, issuer) => {
    const server = await tokens((_, count, response) => give(response, tokenOf(count)), issuer)
    const { origin } = await site()
    const { access } = open(origin, { kind: 'client_credentials', client: client({ issuer: `${server.origin}/` }) })
    expect(troubleOf(await failureOf(ask(origin, access)))).toEqual({ kind: 'client' })
    expect(server.asked).toEqual([])
  })

  it('T10 send the secret to no other origin, even if the discovery document names its token endpoint there', async () => {
    const elsewhere = await tokens((_, count, response) => give(response, tokenOf(count)))
    const issuer: string = await listen((_, response) =>
      answerJson(response, { issuer: `${issuer}/`, token_endpoint: `${elsewhere.origin}/token` }),
    )
    const { origin } = await site()
    const { access } = open(origin, { kind: 'client_credentials', client: client({ issuer: `${issuer}/` }) })
    const failure = await failureOf(ask(origin, access))
    expect(findTokenFailure(failure)?.message).toContain('names an address at another origin, which gets nothing')
    expect(elsewhere.asked).toEqual([])
  })
})

describe('token exchange', () => {
  const exchange = (origin: string, more: Partial<TokenClient> = { resource: SITE }): SiteCredential => {
    const one = client({ issuer: `${origin}/` }, more)
    return {
      kind: 'token_exchange',
      client: one,
      requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
      own: { kind: 'client_credentials', client: one },
    }
  }
  /** Gives each person, and the broker, a token that names them. */
  const forEach = (asked: Asked, count: number, response: ServerResponse): unknown =>
    give(response, jwt({ aud: SITE, sub: asked.form.subject_token?.split('-')[0] ?? 'broker', count }))
  const subjectOf = (header: string | undefined): unknown =>
    JSON.parse(Buffer.from(header?.split('.')[1] ?? '', 'base64url').toString()).sub
  const person = (access: SiteAccess, who: Person): Access => {
    if (!access.asPerson) throw new Error('the access is not for persons')
    return access.asPerson(who)
  }

  it('gives the token of the person for one at the site, always with the type that is wished', async () => {
    const server = await tokens(forEach)
    const { origin, seen } = await site()
    await ask(origin, person(open(origin, exchange(server.origin)).access, ADA), 'POST')
    expect(server.asked.map(({ form }) => form)).toEqual([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: `ada-${MARK}`,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: SITE,
      },
    ])
    expect(seen.map(subjectOf)).toEqual(['ada'])
  })

  it('keeps a token for each person, and lists as the broker', async () => {
    const server = await tokens(forEach)
    const { origin, seen } = await site()
    const { access } = open(origin, exchange(server.origin))
    for (const who of [ADA, BOB, ADA]) await ask(origin, person(access, who))
    await ask(origin, access)
    expect(seen.map(subjectOf)).toEqual(['ada', 'bob', 'ada', 'broker'])
    expect(server.asked.length).toBe(3)
  })

  it('T10 keeps apart persons whose names only look alike', async () => {
    const server = await tokens(forEach)
    const { origin } = await site()
    const { access } = open(origin, exchange(server.origin))
    await ask(origin, person(access, { issuer: 'https://a/', subject: 'b' }))
    await ask(origin, person(access, { issuer: 'https://a/b', subject: '' }))
    await ask(origin, person(access, { issuer: 'https://other/', subject: 'b' }))
    expect(server.asked.length).toBe(3)
  })

  const refusals: readonly [
    string,
    (asked: Asked, count: number, response: ServerResponse) => unknown,
    'client' | 'person' | 'unavailable',
  ][] = [
    ['ignores the resource', (_, _count, response) => give(response, jwt({ aud: 'https://other.example/' })), 'client'],
    ['gives what nobody can look into', (_, _count, response) => give(response, tokenOf(1)), 'client'],
    ['will not have the person’s token', (_, _count, response) => answerJson(response, { error: 'invalid_grant' }, 400), 'person'],
    ['does not know the site', (_, _count, response) => answerJson(response, { error: 'invalid_target' }, 400), 'client'],
    ['is down', (_, _count, response) => answerJson(response, {}, 502), 'unavailable'],
  ]
  it.each(refusals)('T10 sends nothing where the token server %s', async (_name, answer, kind) => {
    const server = await tokens(answer)
    const { origin, seen } = await site()
    const failure = await failureOf(ask(origin, person(open(origin, exchange(server.origin)).access, ADA), 'POST'))
    expect(findTokenFailure(failure)?.kind).toBe(kind)
    expect(seen).toEqual([])
  })

  it('sends nothing for a person without a login, and asks nobody', async () => {
    const server = await tokens(forEach)
    const { origin, seen } = await site()
    const failure = await failureOf(ask(origin, person(open(origin, exchange(server.origin), nobody).access, ADA), 'POST'))
    expect([findTokenFailure(failure)?.kind, troubleOf(failure)]).toEqual(['person', undefined])
    expect([server.asked, seen]).toEqual([[], []])
  })
})

it('forwarding passes on the token of the person, and is the broker itself where there is none', async () => {
  const { origin, seen } = await site()
  const { access } = open(origin, { kind: 'forward_user', own: { kind: 'bearer', token: new Secret(makeSecret('own')) } })
  if (!access.asPerson) throw new Error('the access is not for persons')
  await ask(origin, access.asPerson(ADA))
  await ask(origin, access)
  expect(seen).toEqual([`Bearer ada-${MARK}`, `Bearer ${makeSecret('own')}`])
})
