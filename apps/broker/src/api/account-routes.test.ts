/**
 * Who one is, tokens and logins from outside, asked with real tokens.
 */
import type { ProjectId } from '@portolan/federation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatherPeople, type People, type Role } from '../../test/access/roles.ts'
import { type Answer, call } from '../../test/call.ts'
import { type RunningApi, startApi } from '../../test/start-api.ts'
import type { Login } from '../auth/login.ts'
import { readToken } from '../auth/tokens/opaque-token.ts'
import { familyId, hashOf, MANY } from '../stores/login-contract/builders.ts'
import { CreatedToken, Me, TokenList } from './account-schemas.ts'

let people: People
let api: RunningApi
/** Pages that administrators were shown. */
const shown: unknown[] = []
const forgotten: string[] = []

const noting = (login: Login): Login => ({
  ...login,
  known: {
    token(id) {
      forgotten.push(`token ${id}`)
      login.known.token(id)
    },
    family(id) {
      forgotten.push(`family ${id}`)
      login.known.family(id)
    },
    session: hash => login.known.session(hash),
    person(person) {
      forgotten.push(`person ${person.subject}`)
      login.known.person(person)
    },
  },
})

beforeAll(async () => {
  people = await gatherPeople()
  api = await startApi({
    projects: people.projects,
    async openLogin(ports) {
      const opened = await people.open(ports)
      return { ...opened, login: noting(opened.login) }
    },
    wrapStore: store => ({
      ...store,
      execute: command => {
        if (command.kind === 'noteAdminRead') shown.push({ operation: command.operation, ...command.page })
        return store.execute(command)
      },
    }),
  })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await people[Symbol.asyncDispose]()
})

const ask = (who: Role, method: string, path: string, body?: unknown): Promise<Answer> =>
  call(api.port, {
    method,
    path: `/portolan/v1/${path}`,
    headers: people.headers(who),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
const create = async (who: Role, body: object): Promise<CreatedToken> =>
  CreatedToken.parse(JSON.parse((await ask(who, 'POST', 'tokens', body)).text))
const list = async (who: Role, query = ''): Promise<TokenList> =>
  TokenList.parse(JSON.parse((await ask(who, 'GET', `tokens${query}`)).text))
const errorOf = ({ status, text }: Answer) => ({ status, ...(text !== '' && JSON.parse(text)) })

describe('a personal token', () => {
  it('is shown once, and stored as its hash', async () => {
    const answer = await ask('owner', 'POST', 'tokens', { name: 'nextflow', project: 'open', scopes: ['read'], expires_in_days: 7 })
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store'])
    const { secret, token } = CreatedToken.parse(JSON.parse(answer.text))
    expect(secret).toMatch(/^portolan_pat_[0-9A-Za-z]{49}$/)
    const read = readToken(secret)
    const stored = read.outcome === 'token' ? api.logins.findToken(read.hash, Date.now()) : undefined
    expect(stored).toMatchObject({ standing: 'live', token: { id: token.id, name: 'nextflow', project: 'open', scopes: ['read'] } })
    const all = await ask('owner', 'GET', 'tokens')
    expect(all.text).toContain(token.id)
    expect(all.text).not.toContain(secret)
    const days = (Date.parse(token.expires_at) - Date.parse(token.created_at)) / 86_400_000
    expect(days).toBe(7)
  })

  it('is revoked at once here, and stays in the list as ended', async () => {
    const { token } = await create('member', { name: 'old engine' })
    expect((await ask('member', 'DELETE', `tokens/${token.id}`)).status).toBe(204)
    expect(forgotten).toContain(`token ${token.id}`)
    expect((await list('member')).tokens.find(({ id }) => id === token.id)).toMatchObject({
      standing: 'ended',
      ended_at: expect.any(String),
    })
    expect((await ask('member', 'DELETE', `tokens/${token.id}`)).status).toBe(204)
  })

  it('T03 is listed page by page, newest first, by tokens of pages that are worth nothing to others', async () => {
    const made: string[] = []
    for (const name of ['a', 'b', 'c']) made.unshift((await create('foreign', { name })).token.id)
    const seen: string[] = []
    let token: string | undefined = ''
    while (token !== undefined) {
      const page: TokenList = await list('foreign', `?page_size=1&page_token=${token}`)
      seen.push(...page.tokens.map(({ id }) => id))
      token = page.next_page_token
    }
    expect(seen).toEqual(made)
    const { next_page_token = '' } = await list('foreign', '?page_size=1')
    expect(errorOf(await ask('owner', 'GET', `tokens?page_token=${next_page_token}`))).toMatchObject({
      status: 400,
      type: 'urn:portolan:error:bad-page-token',
    })
    expect((await ask('foreign', 'GET', `logins?page_token=${next_page_token}`)).status).toBe(400)
    expect((await ask('foreign', 'GET', `tokens?page_token=${next_page_token.slice(0, -2)}`)).status).toBe(400)
  })

  it('of somebody else is there for administrators alone, and revoking it is in the log of its owner', async () => {
    const { token } = await create('member', { name: 'bob' })
    const bob = { issuer: people.issuer, subject: people.subjectOf('member') }
    const ofBob = `owner=${encodeURIComponent(`${bob.subject}@${bob.issuer}`)}`
    const idsOf = async (query = '') => (await list('admin', query)).tokens.map(({ id }) => id)
    expect(await idsOf('?owner=any')).toContain(token.id)
    const idsOfBob = await idsOf(`?${ofBob}`)
    expect(idsOfBob[0]).toBe(token.id)
    expect(shown.slice(-2)).toEqual([
      { operation: 'ListTokens', asked: {}, ids: expect.arrayContaining([token.id]) },
      { operation: 'ListTokens', asked: {}, owner: bob, ids: idsOfBob },
    ])
    const before = shown.length
    expect(await idsOf()).toEqual(expect.not.arrayContaining([token.id]))
    expect(shown.length).toBe(before)
    for (const who of ['owner', 'plainAdmin'] as const) {
      expect(errorOf(await ask(who, 'GET', 'tokens?owner=any'))).toMatchObject({ status: 403, type: 'urn:portolan:error:not-admin' })
    }
    expect((await ask('owner', 'DELETE', `tokens/${token.id}`)).status).toBe(404)
    expect((await ask('member', 'GET', `tokens?${ofBob}`)).status).toBe(200)
    expect((await ask('admin', 'DELETE', `tokens/${token.id}`)).status).toBe(204)
    const [event] = api.logins.getPersonEvents({ ...bob, roles: [], scopes: [] }, bob, 1)
    expect(event).toMatchObject({ kind: 'tokenRevoked' })
  })

  it('takes the project of the credential that makes it', async () => {
    expect((await create('otherProject', { name: 'bound' })).token.project).toBe('third')
    expect((await list('otherProject')).tokens.every(({ project }) => project === 'third')).toBe(true)
  })
})

describe('T04 a request for a token', () => {
  it.each<[string, Role, unknown, number, string, RegExp]>([
    ['without a name', 'owner', {}, 400, 'name', /missing.*what the token is for/s],
    ['with an empty name', 'owner', { name: ' ' }, 400, 'name', /1 to 100 characters/],
    ['with a name that a terminal obeys', 'owner', { name: 'a\u001b[2J' }, 400, 'name', /1 to 100 characters/],
    ['with a name that turns round what follows', 'owner', { name: 'a\u202eb' }, 400, 'name', /1 to 100 characters/],
    ['with a name of 101 characters', 'owner', { name: 'x'.repeat(101) }, 400, 'name', /1 to 100 characters/],
    ['with a scope that does not exist', 'owner', { name: 'x', scopes: ['execute'] }, 400, 'scopes', /"read" and "write"/],
    ['with no scope at all', 'owner', { name: 'x', scopes: [] }, 400, 'scopes', /"read" and "write"/],
    ['with the scope admin, by nobody such', 'owner', { name: 'x', scopes: ['admin'] }, 403, 'scopes', /"admin"/],
    ['for a project that one is not in', 'owner', { name: 'x', project: 'far' }, 404, 'project', /closed, open, third/],
    ['for a project that there is not', 'owner', { name: 'x', project: 'nowhere' }, 404, 'project', /closed, open, third/],
    ['for another project than that of the credential', 'otherProject', { name: 'x', project: 'open' }, 404, 'project', /third/],
    ['for longer than any may live', 'owner', { name: 'x', expires_in_days: 366 }, 400, 'expires_in_days', /365 days/],
    ['for no time', 'owner', { name: 'x', expires_in_days: 0 }, 400, 'expires_in_days', /from 1 on/],
    ['for half a day', 'owner', { name: 'x', expires_in_days: 0.5 }, 400, 'expires_in_days', /from 1 on/],
    ['for more days than there are', 'owner', { name: 'x', expires_in_days: 1e15 }, 400, 'expires_in_days', /./],
    ['with a bound that is misspelt', 'owner', { name: 'x', expiresInDays: 1 }, 400, 'expiresInDays', /no such field.*expires_in_days/s],
    ['with a null', 'owner', { name: 'x', project: null }, 400, 'project', /leave the field out/],
    ['that is a list', 'owner', [], 400, '', /JSON object/],
  ])('%s is refused with the field and the fix, and makes none', async (_sentence, who, body, status, path, words) => {
    const before = (await list('admin', '?owner=any')).tokens.length
    const answer = errorOf(await ask(who, 'POST', 'tokens', body))
    expect(answer).toMatchObject({ status, problems: [{ path }] })
    expect(`${answer.problems[0].message} ${answer.problems[0].fix}`).toMatch(words)
    expect((await list('admin', '?owner=any')).tokens.length).toBe(before)
  })

  it('that is too long is not read', async () => {
    expect((await ask('owner', 'POST', 'tokens', { name: 'x'.repeat(20_000) })).status).toBe(413)
  })

  it.each([
    ['page_size=0', 'page_size'],
    ['page_size=1e2', 'page_size'],
    ['page_size=1&page_size=2', 'page_size'],
    ['owner=carl', 'owner'],
  ])('for a list by %s is refused with the field', async (query, path) => {
    expect(errorOf(await ask('owner', 'GET', `tokens?${query}`))).toMatchObject({ status: 400, problems: [{ path }] })
  })
})

describe('T03 a personal token that somebody has found', () => {
  const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } })

  it('makes no other, so that its revocation mends it', async () => {
    const { secret } = await create('owner', { name: 'engine' })
    const before = (await list('owner')).tokens.length
    const answer = await call(api.port, { method: 'POST', path: '/portolan/v1/tokens', ...bearer(secret), body: '{"name":"child"}' })
    expect(errorOf(answer)).toMatchObject({
      status: 403,
      type: 'urn:portolan:error:token-exceeds',
      msg: 'A personal token makes no personal tokens. Log in at this broker (portolan login) and make it then.',
    })
    expect((await list('owner')).tokens.length).toBe(before)
  })

  it('ends nothing but itself: no other token, no device, no session', async () => {
    const { token: other } = await create('owner', { name: 'another engine' })
    const { secret, token } = await create('owner', { name: 'engine' })
    const end = (path: string) => call(api.port, { method: 'DELETE', path: `/portolan/v1/${path}`, ...bearer(secret) })
    for (const path of [`tokens/${other.id}`, 'tokens/none-such', 'logins', 'logins/family-of-owner', 'logins/none-such']) {
      expect(errorOf(await end(path))).toMatchObject({
        status: 403,
        type: 'urn:portolan:error:token-ends-itself',
        msg: 'A token ends no other token and no login. Log in at this broker (portolan login) and do it then.',
      })
    }
    expect((await list('owner')).tokens.find(({ id }) => id === other.id)?.standing).toBe('live')
    expect((await end(`tokens/${token.id}`)).status).toBe(204)
    expect((await end(`tokens/${token.id}`)).status).toBe(401)
  })
})

describe('the logins of a person', () => {
  const startFamily = (id: string) =>
    api.logins.execute({
      kind: 'startFamily',
      principal: { issuer: people.issuer, subject: people.subjectOf('foreign'), roles: [], scopes: ['read', 'write'] },
      family: { id: familyId(id), client: 'cli eve-laptop', scopes: ['read', 'write'], expiresAt: Date.now() + 60_000 },
      hash: hashOf(id),
      most: MANY,
      now: Date.now(),
    })

  it('are listed with the one that asks marked, and ended one by one or all at once', async () => {
    await startFamily('second')
    await startFamily('third')
    const read = async () => JSON.parse((await ask('foreign', 'GET', 'logins')).text).logins
    expect(await read()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'family-of-foreign', client: 'cli', standing: 'live', current: true }),
        expect.objectContaining({ id: 'second', client: 'cli eve-laptop', standing: 'live', current: false }),
      ]),
    )
    expect((await ask('owner', 'DELETE', 'logins/second')).status).toBe(404)
    expect((await ask('foreign', 'DELETE', 'logins/second')).status).toBe(204)
    expect(forgotten).toContain('family second')
    expect(await read()).toContainEqual(expect.objectContaining({ id: 'second', standing: 'ended', why: 'revoked' }))
    expect(JSON.parse((await ask('foreign', 'DELETE', 'logins')).text)).toEqual({ sessions: 0, devices: 2 })
    expect(forgotten).toContain(`person ${people.subjectOf('foreign')}`)
  })

  it('are not ended by a credential for one project', async () => {
    expect(errorOf(await ask('otherProject', 'DELETE', 'logins'))).toMatchObject({
      status: 403,
      type: 'urn:portolan:error:credential-bound',
    })
  })
})

describe('me', () => {
  it('says who asks, by which credential, and what it reaches', async () => {
    const me = Me.parse(JSON.parse((await ask('otherProject', 'GET', 'me')).text))
    expect(me).toEqual({
      mode: 'required',
      issuer: people.issuer,
      subject: people.subjectOf('owner'),
      scopes: ['read', 'write'],
      admin: false,
      projects: [{ id: 'third', name: 'Project third' }],
      credential: { kind: 'access', id: 'family-of-otherProject', project: 'third', expires_at: expect.any(String) },
      claims: { said_at: expect.any(String), seconds: expect.any(Number) },
    })
    expect(JSON.parse((await ask('admin', 'GET', 'me')).text)).toMatchObject({ admin: true, scopes: ['read', 'write', 'admin'] })
  })

  it('says to who is in no project what opens one and whom to ask, and names nobody', async () => {
    const group = 'urn:geant:lifescience-ri.eu:group:lifescience:spe4hd#aai.lifescience-ri.eu'
    const project = (id: string, members: readonly string[], contact?: string) =>
      ({ project: { id: id as ProjectId }, name: id, visibility: 'owner', members, ...(contact && { contact }) }) as const
    const projects = [
      project('one', [group, `someone@${people.issuer}`]),
      project('five', [`${group} and its subgroups`]),
      project('two', ['kc:ward'], 'ward@example.org'),
      project('three', [`other@${people.issuer}`], 'https://join.example.org'),
      project('four', [`more@${people.issuer}`]),
    ]
    await using own = await startApi({ projects, openLogin: ports => people.open(ports, projects) })
    const { text } = await call(own.port, { path: '/portolan/v1/me', headers: people.headers('owner') })
    expect(JSON.parse(text)).toMatchObject({
      projects: [],
      missing: {
        says: `You are in no project: ${people.issuer} says nothing of you that opens one. Get one of these, then log in again.`,
        ways: [
          { entitlement: group, ask: 'whoever manages the group lifescience:spe4hd at aai.lifescience-ri.eu' },
          { entitlement: `${group} and its subgroups`, ask: 'whoever manages the group lifescience:spe4hd at aai.lifescience-ri.eu' },
          { entitlement: 'kc:ward', ask: 'ward@example.org' },
          { ask: 'https://join.example.org' },
        ],
      },
    })
    expect(text).not.toMatch(/someone|other@|more@|three|four/)
    const body = { executors: [{ image: 'a', command: ['a'] }] }
    for (const tags of [{}, { portolan_project: 'one' }]) {
      const refused = await call(own.port, {
        method: 'POST',
        path: '/ga4gh/tes/v1/tasks',
        headers: people.headers('owner'),
        body: JSON.stringify({ ...body, tags }),
      })
      expect(JSON.parse(refused.text).problems).toMatchObject([
        { path: 'tags.portolan_project', fix: expect.stringContaining('portolan me') },
      ])
    }
  })
})

describe('in open mode', () => {
  it.each([
    ['GET', 'tokens'],
    ['POST', 'tokens'],
    ['DELETE', 'tokens/x'],
    ['GET', 'logins'],
    ['DELETE', 'logins'],
    ['DELETE', 'logins/x'],
  ])('%s %s is 404 and says that there is no login', async (method, path) => {
    await using open = await startApi()
    const answer = await call(open.port, { method, path: `/portolan/v1/${path}`, ...(method === 'POST' && { body: '{"name":"x"}' }) })
    expect(errorOf(answer)).toMatchObject({ status: 404, type: 'urn:portolan:error:no-login' })
  })

  it('me is the one local person', async () => {
    await using open = await startApi()
    const { text } = await call(open.port, { path: '/portolan/v1/me' })
    expect(JSON.parse(text)).toEqual({
      mode: 'open',
      issuer: 'local',
      subject: 'local',
      scopes: ['read', 'write'],
      admin: false,
      projects: [{ id: 'local', name: 'Local' }],
    })
  })
})

describe('T03 a token of the login itself, which other tools of its client hold too', () => {
  it('ends nothing: no token, no device, no session', async () => {
    const { token } = await create('owner', { name: 'engine of a person' })
    for (const path of [`tokens/${token.id}`, 'tokens/none-such', 'logins', 'logins/family-of-owner']) {
      expect(errorOf(await ask('byLogin', 'DELETE', path))).toMatchObject({
        status: 403,
        type: 'urn:portolan:error:token-ends-itself',
        msg: 'A token of the login itself ends nothing of what this broker gave out. Log in at this broker (portolan login) and do it then.',
      })
    }
    expect((await list('owner')).tokens.find(({ id }) => id === token.id)?.standing).toBe('live')
  })
})
