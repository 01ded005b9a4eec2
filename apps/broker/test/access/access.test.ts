/**
 * Every route for every role, by a table that is written by hand. What it expects does not come from the code that decides.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Decision, LocationId, ProjectId, WorkId } from '@portolan/federation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { TES_MOUNTS } from '../../src/api/mounts.ts'
import type { OutputAccess } from '../../src/api/output-routes.ts'
import { createWorkIds } from '../../src/api/work-id.ts'
import type { Authentication } from '../../src/auth/authenticate.ts'
import { SYSTEM } from '../../src/auth/principal.ts'
import { makeToken } from '../../src/auth/tokens/opaque-token.ts'
import { secureRandom } from '../../src/auth/tokens/random-source.ts'
import { claim, transition } from '../../src/stores/contract/builders.ts'
import { familyId, hashOf, MANY, tokenId } from '../../src/stores/login-contract/builders.ts'
import type { Store } from '../../src/stores/store.ts'
import type { NewUpload, UploadId } from '../../src/stores/upload-store.ts'
import { type Answer, call } from '../call.ts'
import { createMemoryObjects } from '../memory-objects.ts'
import { createMemoryUploads } from '../memory-uploads.ts'
import { type ApiTestOptions, type RunningApi, startApi } from '../start-api.ts'
import { gatherPeople, type People, ROLES, type Role, STRANGERS, type Stranger } from './roles.ts'
import { listLiveRoutes, listPromisedRoutes } from './routes.ts'

const COLUMNS = [...ROLES, ...STRANGERS] as const
const Matrix = z.object({
  columns: z.array(z.enum(COLUMNS)),
  routes: z.record(z.string(), z.array(z.int())),
  withoutHead: z.array(z.string()),
  lists: z.partialRecord(z.enum(ROLES), z.array(z.string())),
  projects: z.partialRecord(z.enum(ROLES), z.array(z.string())),
})
const matrix = Matrix.parse(parse(readFileSync(new URL('matrix.yaml', import.meta.url), 'utf8')))

/** Nobody may read this who may not read the task. */
const UNSEEN = 'zq7-unseen-name'
/** Of an upload, the only one. */
const PART = Buffer.from('bytes')
const EXECUTORS = [{ image: 'alpine:3', command: ['true'] }]
const DECISION: Decision = {
  work: 'w' as WorkId,
  chosen: null,
  outcome: 'refused',
  why: UNSEEN,
  sites: [],
  counts: {},
  snapshot: 's',
  policyVersion: 'p',
}

/** Where the output of every task that has ended lies. */
const RESULTS = createMemoryObjects('results')
const RESULT = { url: `s3://results/${UNSEEN}`, path: '/out', sizeBytes: '6', etag: '"1"', location: RESULTS.location }
const DATA: OutputAccess = {
  locations: [
    {
      location: {
        id: RESULTS.location,
        country: 'DE',
        kind: 's3',
        prefixes: [{ url: 's3://results/', sensitivity: 'public', access: 'share' }],
      },
      server: { region: 'r', addressing: 'path', checksums: 'supported', delivery: 'relay' },
      file: 'results.yaml',
    },
  ],
  stores: { byLocation: new Map([[RESULTS.location, RESULTS]]), at: () => RESULTS },
  links: { forPerson: async () => undefined },
  observer: { relayed: () => undefined },
}

let people: People
let api: RunningApi
const nextId = createWorkIds(Date.now)

type Fault = Pick<ApiTestOptions, 'changeAnswer' | 'wrapStore'>

const start = (changes: Fault = {}) =>
  startApi({
    openLogin: ports => people.open(ports),
    projects: people.projects,
    placer: { recall: () => DECISION },
    data: DATA,
    uploadStores: createMemoryUploads(PART.length),
    ...changes,
  })

beforeAll(async () => {
  RESULTS.put(RESULT.url, 'result', { etag: RESULT.etag })
  people = await gatherPeople()
  api = await start()
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await people[Symbol.asyncDispose]()
})

async function createTask(
  { store }: RunningApi,
  owner: Role,
  project: string,
  visibility: 'owner' | 'project',
  name = UNSEEN,
): Promise<WorkId> {
  const id = nextId()
  const documentText = JSON.stringify({ name, executors: EXECUTORS })
  const work = { id, kind: 'task', project: project as ProjectId, visibility, name, tags: { t: 'x' }, documentText } as const
  await store.execute({
    kind: 'create',
    principal: { issuer: people.issuer, subject: people.subjectOf(owner), roles: [], scopes: [] },
    work: { ...work, createdAt: Date.now(), rerunnable: false },
    now: Date.now(),
  })
  return id
}

/** What it has left is asked for. */
const ENDED = /\/outputs|\/drs\//

async function finishTask({ store }: RunningApi, id: WorkId): Promise<void> {
  const lease = await claim(store, `site:${id}`)
  await transition(store, lease, [], { id, expectedVersion: 1, state: 'COMPLETE', endedAt: Date.now(), outputs: [RESULT] })
}

const SHARED: readonly string[] = ['member', 'foreign', 'plainAdmin']

/** A fresh task for the question, as the table says which. */
const taskFor = (at: RunningApi, who: Role | Stranger): Promise<WorkId> =>
  SHARED.includes(who) ? createTask(at, 'owner', 'open', 'project') : createTask(at, 'owner', 'closed', 'owner')

const projectFor = (who: Role | Stranger): string => {
  const role = ROLES.find(one => one === who)
  if (role === undefined || role === 'otherProject') return 'third'
  return people.projects.find(({ members }) => members.includes(`${people.subjectOf(role)}@${people.issuer}`))?.project.id ?? 'none'
}

/** Something of the owner's that is bound to no project, as the routes below the path name it: a personal token, or a login. */
async function createOwned({ logins, uploads }: RunningApi, path: string): Promise<string> {
  const id = randomUUID()
  const principal = { issuer: people.issuer, subject: people.subjectOf('owner'), roles: [], scopes: ['read'] } as const
  const more = { name: UNSEEN, client: UNSEEN, scopes: ['read'], expiresAt: Date.now() + 60_000 } as const
  const hash = hashOf(id)
  const now = Date.now()
  if (path.includes('/tokens'))
    await logins.execute({ kind: 'createToken', principal, token: { ...more, id: tokenId(id), hash }, most: MANY, now })
  else if (path.includes('/uploads')) await uploads.execute({ kind: 'createUpload', principal, upload: uploadOf(id), most: MANY, now })
  else await logins.execute({ kind: 'startFamily', principal, family: { ...more, id: familyId(id) }, hash, most: MANY, now })
  return id
}

/** In a project that keeps things to their owners. */
function uploadOf(id: string): NewUpload {
  const project = 'closed' as ProjectId
  const url = `s3://uploads/closed/${UNSEEN}`
  const more = { storeId: 'u', bytes: PART.length, partBytes: PART.length, replace: false, expiresAt: Date.now() + 60_000 }
  return { id: id as UploadId, project, location: 'memory' as LocationId, name: UNSEEN, url, ...more }
}

function bodyFor(who: Role | Stranger, path: string, id: string): object {
  if (path.endsWith('/objects')) return { bulk_object_ids: [`${id}.0`] }
  if (path.endsWith('/objects/access')) return { bulk_object_access_ids: [{ bulk_object_id: `${id}.0`, bulk_access_ids: ['link'] }] }
  if (path.endsWith('/tokens')) return { name: 'from the table' }
  if (path.endsWith('/uploads')) return { name: 'a', bytes: PART.length, project: projectFor(who) }
  if (path.endsWith('/links')) return { parts: [1] }
  return { executors: EXECUTORS, tags: { portolan_project: projectFor(who) } }
}

/** A form with the secret of a login of the owner's, for those routes that want one: who sends it matters to nobody. */
async function formFor({ logins }: RunningApi, path: string): Promise<string> {
  const { text, hash } = makeToken('refresh', secureRandom)
  const principal = { issuer: people.issuer, subject: people.subjectOf('owner'), roles: [], scopes: ['read'] } as const
  const family = { id: familyId(randomUUID()), client: 'table', scopes: ['read'], expiresAt: Date.now() + 60_000 } as const
  await logins.execute({ kind: 'startFamily', principal, family, hash, most: MANY, now: Date.now() })
  return `client_id=table&grant_type=refresh_token&${path.endsWith('/revoke') ? 'token' : 'refresh_token'}=${text}`
}

async function ask(who: Role | Stranger, method: string, path: string, at = api, id = ''): Promise<Answer> {
  const headers = people.headers(who)
  if (path.includes('/oauth/') && method === 'POST') {
    const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers }
    return await call(at.port, { method, path, headers: form, body: await formFor(at, path) })
  }
  if (method === 'PUT') return await call(at.port, { method, path, headers, body: PART })
  const body = JSON.stringify(bodyFor(who, path, id))
  return await call(at.port, { method, path, headers, ...((method === 'POST' || method === 'OPTIONS') && { body }) })
}

/** Where the server does not do what a row of the table says, one sentence each. */
const FOR_EVERYBODY: ReadonlySet<string> = new Set(['/app/style.css', '/portolan/v1/oauth/keys', '/.well-known/oauth-authorization-server'])

async function findBreaches(
  at: RunningApi,
  route: string,
  cells: readonly number[],
  mounts: readonly string[],
): Promise<readonly string[]> {
  const [method = '', path = ''] = route.split(' ')
  const breaches: string[] = []
  for (const mount of /^\/(tasks|service-info)/.test(path) ? mounts : ['']) {
    for (const [index, who] of matrix.columns.entries()) {
      const say = (what: string): number => breaches.push(`${who} at ${mount}${path}: ${what}`)
      const id = await taskFor(at, who)
      const owned = /\/(tokens|logins|uploads)\/:id/.test(path) ? await createOwned(at, path) : id
      if (ENDED.test(path)) await finishTask(at, id)
      const own = path.replace(':id', owned).replace(':object_id', `${id}.0`).replace(':access_id', 'link')
      const target = mount + own.replace(':name', 'tes-1.1.yaml').replace(':number', path.includes('/uploads/') ? '1' : '0')
      const { status, text, headers } = await ask(who, method, target, at, id)
      if (!FOR_EVERYBODY.has(path) && headers['cache-control'] !== 'no-store') say('a cache may keep the answer')
      if (status !== cells[index]) say(`${status} instead of ${cells[index]}`)
      if (method === 'GET') {
        const head = await ask(who, 'HEAD', target, at)
        const expected = matrix.withoutHead.includes(route) ? 405 : cells[index]
        if (head.status !== expected) say(`HEAD ${head.status} instead of ${expected}`)
      }
      if ((cells[index] ?? 0) < 400) continue
      if (text.includes(UNSEEN)) say('the answer tells of the task')
      if (status >= 400 && !isErrorOfOurs(path, status, text)) say('the answer is no error of ours')
      if (at.store.getWork(SYSTEM, id)?.cancelRequestedAt !== undefined) say('the task is cancelled')
    }
  }
  return breaches
}

/** A page for people below /app, JSON everywhere else. */
function isErrorOfOurs(path: string, status: number, text: string): boolean {
  return path.startsWith('/app') ? text.startsWith('<!doctype html>') : JSON.parse(text).status_code === status
}

const rows = Object.entries(matrix.routes)
/** Who asks this has no access token any more. */
const ENDS_LOGINS = 'DELETE /portolan/v1/logins'
const rolesOf = (table: Readonly<Partial<Record<Role, readonly string[]>>>) =>
  ROLES.flatMap(role => (table[role] ? [[role, table[role]] as const] : []))

describe('T03 the table of access', () => {
  it('has a row for every route of the running server, and no other', () => {
    expect(rows.map(([route]) => route).toSorted()).toEqual([...listLiveRoutes(api.api.router)].toSorted())
  })

  it('has a row for every operation of the contracts', () => {
    expect(listPromisedRoutes().filter(route => !(route in matrix.routes))).toEqual([])
  })

  it('has a cell for every role in every row', () => {
    expect(matrix.columns.toSorted()).toEqual(COLUMNS.toSorted())
    expect(rows.filter(([, cells]) => cells.length !== COLUMNS.length)).toEqual([])
  })

  it.each(rows.filter(([route]) => route !== ENDS_LOGINS))('T03 %s answers each role as it says, at every mount', async (route, cells) => {
    expect(await findBreaches(api, route, cells, TES_MOUNTS)).toEqual([])
  })

  it(`T03 ${ENDS_LOGINS} answers each role as it says, at a server of its own`, async () => {
    await using own = await start()
    expect(await findBreaches(own, ENDS_LOGINS, matrix.routes[ENDS_LOGINS] ?? [], TES_MOUNTS)).toEqual([])
  })
})

/** A store that takes everybody for the broker itself in what is named. */
const forget = (...methods: readonly (keyof Store)[]): Fault => ({
  wrapStore: store =>
    new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function' || !methods.some(method => method === name)) return value
        return (first: unknown, ...more: unknown[]): unknown =>
          Reflect.apply(value, target, name === 'execute' ? [{ ...Object(first), principal: SYSTEM }, ...more] : [SYSTEM, ...more])
      },
    }),
})

/** A login whose every answer is taken through `changeAnswer`. */
const changed = (changeAnswer: (answer: Authentication) => Authentication): Fault => ({ changeAnswer })

describe('T03 the table notices a server', () => {
  it.each([
    ['that shows any state', 'GET /tasks/:id', forget('getState')],
    ['that explains any task', 'GET /portolan/v1/tasks/:id/placement', forget('getWork')],
    ['that cancels any task', 'POST /tasks/:id:cancel', forget('execute')],
    [
      'that lets everybody in',
      'GET /tasks',
      changed(answer => ('outcome' in answer ? { issuer: 'x', subject: 'x', roles: [], scopes: ['read'] } : answer)),
    ],
    [
      'that does not look at scopes',
      'POST /tasks',
      changed(answer => ('outcome' in answer ? answer : { ...answer, scopes: ['read', 'write'] })),
    ],
    [
      'that forgets to what a credential is bound',
      'GET /tasks/:id',
      changed(answer => ('outcome' in answer ? answer : { ...answer, project: undefined })),
    ],
    [
      'that takes everybody for an administrator',
      'DELETE /tasks/:id:cancel',
      changed(answer => ('outcome' in answer ? answer : { ...answer, roles: ['admin'], scopes: ['read', 'write', 'admin'] })),
    ],
  ] as const)('%s', async (_, route, fault) => {
    await using faulty = await start(fault)
    expect(await findBreaches(faulty, route, matrix.routes[route] ?? [], [''])).not.toEqual([])
  })
})

describe('T03 a list', () => {
  it('has for each role what is theirs to see, whatever the filter, and leads through every page', async () => {
    await using own = await start()
    const names = new Map<string, string>()
    names.set(await createTask(own, 'owner', 'closed', 'owner', 'a-kept'), 'kept')
    names.set(await createTask(own, 'owner', 'open', 'project', 'a-shared'), 'shared')
    names.set(await createTask(own, 'foreign', 'far', 'project', 'a-strange'), 'strange')
    for (const [who, expected] of rolesOf(matrix.lists)) {
      for (const filter of ['', 'name_prefix=a', 'state=QUEUED', 'tag_key=t&tag_value=x', 'tag_key=t&state=QUEUED&name_prefix=a-']) {
        const shown: (string | undefined)[] = []
        let token = ''
        do {
          const path = `/ga4gh/tes/v1/tasks?page_size=1&${filter}&page_token=${token}`
          const { text } = await call(own.port, { path, headers: people.headers(who) })
          const page = JSON.parse(text)
          shown.push(...page.tasks.map(({ id }: { id: string }) => names.get(id)))
          token = page.next_page_token ?? ''
        } while (token !== '')
        expect({ who, filter, shown }).toEqual({ who, filter, shown: expected })
      }
    }
  })

  it('of projects has those of the credential', async () => {
    for (const [who, expected] of rolesOf(matrix.projects)) {
      const { text } = await call(api.port, { path: '/portolan/v1/projects', headers: people.headers(who) })
      expect({ who, projects: JSON.parse(text).projects.map(({ id }: { id: string }) => id) }).toEqual({ who, projects: expected })
    }
  })

  it('gives page tokens that are worth nothing to anybody else, nor by a credential for one project', async () => {
    for (let i = 0; i < 2; i++) await createTask(api, 'owner', 'open', 'project')
    const path = '/ga4gh/tes/v1/tasks?page_size=1'
    const page = (who: Role, token = '') => call(api.port, { path: `${path}&page_token=${token}`, headers: people.headers(who) })
    const token: string = JSON.parse((await page('owner')).text).next_page_token
    const answers = await Promise.all((['owner', 'readOnly', 'otherProject', 'member', 'admin'] as const).map(who => page(who, token)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400, 400])
  })
})

describe('T03 an answer that refuses', () => {
  it('challenges whoever sent no credential by both schemes, a line for each', async () => {
    const { headers, text } = await ask('anonymous', 'GET', '/tasks')
    expect(headers['www-authenticate']).toBe('Bearer realm="portolan", Basic realm="portolan", charset="UTF-8"')
    expect(JSON.parse(text)).toMatchObject({ type: 'urn:portolan:error:credential-missing', msg: expect.stringContaining('X-API-Key') })
  })

  it('says what is wrong with a credential and what to do', async () => {
    const { headers, text } = await ask('expired', 'GET', '/tasks')
    expect(headers['www-authenticate']).toContain('Bearer realm="portolan", error="invalid_token"')
    expect(JSON.parse(text).msg).toBe('The personal token has expired. Make a new one.')
  })

  it('names the scope that is lacking', async () => {
    const { headers, text } = await ask('readOnly', 'POST', '/tasks')
    expect(headers['www-authenticate']).toContain('error="insufficient_scope", scope="write"')
    expect(JSON.parse(text).msg).toContain('scope write; it has read')
  })

  it('says when to come back while the login cannot be asked', async () => {
    const { headers, text } = await ask('unavailable', 'GET', '/tasks')
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(text).msg).toContain('The login http://127.0.0.1:9/oidc/ cannot be reached when asked for its endpoints.')
  })

  it('comes before a byte of the body is judged', async () => {
    const post = (who: Stranger | Role) =>
      call(api.port, { method: 'POST', path: '/tasks', headers: people.headers(who), body: '{"broken' })
    expect((await post('anonymous')).status).toBe(401)
    expect((await post('readOnly')).status).toBe(403)
    expect((await post('owner')).status).toBe(400)
  })

  it('is 404, never 401, where there is nothing', async () => {
    expect((await ask('anonymous', 'GET', '/ga4gh/tes/v2/tasks')).status).toBe(404)
  })
})

describe('T03 a create', () => {
  const create = async (who: Role, tag: string | undefined, mount: string) => {
    const body = JSON.stringify({ executors: EXECUTORS, ...(tag !== undefined && { tags: { portolan_project: tag } }) })
    const { status, text } = await call(api.port, { method: 'POST', path: `${mount}/tasks`, headers: people.headers(who), body })
    const json = JSON.parse(text)
    const work = status === 200 ? api.store.getWork(SYSTEM, json.id) : undefined
    return { status, project: work?.project, msg: json.msg }
  }

  it.each(TES_MOUNTS)('belongs to the project of its tag, else of its credential, else the only one, at the mount "%s"', async mount => {
    expect(await create('owner', 'open', mount)).toMatchObject({ status: 200, project: 'open' })
    expect(await create('otherProject', undefined, mount)).toMatchObject({ status: 200, project: 'third' })
    expect(await create('member', undefined, mount)).toMatchObject({ status: 200, project: 'open' })
    const unclear = await create('owner', undefined, mount)
    expect(unclear.status).toBe(400)
    expect(unclear.msg).toContain('closed, open, third')
    const foreign = await create('foreign', 'open', mount)
    const unheard = await create('foreign', 'nowhere', mount)
    expect([foreign.status, unheard.status]).toEqual([404, 404])
    expect(foreign.msg.replace('open', 'nowhere')).toBe(unheard.msg)
    const bound = await create('otherProject', 'open', mount)
    expect(bound).toMatchObject({ status: 404, msg: expect.stringContaining('for the project third') })
  })

  it('is hidden with the visibility that its project has at that moment', async () => {
    const body = JSON.stringify({ executors: EXECUTORS })
    const { text } = await call(api.port, { method: 'POST', path: '/tasks', headers: people.headers('member'), body })
    const seen = await ask('owner', 'GET', `/tasks/${JSON.parse(text).id}`)
    expect(seen.status).toBe(200)
  })
})
