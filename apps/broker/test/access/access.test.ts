/**
 * Every route for every role, by a table that is written by hand. What it expects does not come from the code that decides.
 */
import { readFileSync } from 'node:fs'
import type { Decision, ProjectId, WorkId } from '@portolan/federation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { TES_MOUNTS } from '../../src/api/mounts.ts'
import { createWorkIds } from '../../src/api/work-id.ts'
import { SYSTEM } from '../../src/auth/principal.ts'
import { type Answer, call } from '../call.ts'
import { type RunningApi, startApi } from '../start-api.ts'
import { ISSUER, PROJECTS, ROLES, type Role, STRANGERS, type Stranger, subjectOf, testLogin } from './roles.ts'
import { listLiveRoutes, listPromisedRoutes } from './routes.ts'

const COLUMNS = [...ROLES, ...STRANGERS] as const
const Matrix = z.object({
  columns: z.array(z.enum(COLUMNS)),
  routes: z.record(z.string(), z.array(z.int())),
  lists: z.record(z.string(), z.array(z.string())),
  projects: z.record(z.string(), z.array(z.string())),
})
const matrix = Matrix.parse(parse(readFileSync(new URL('matrix.yaml', import.meta.url), 'utf8')))

/** Nobody may read this who may not read the task. */
const SECRET = 'zq7-secret-name'
const EXECUTORS = [{ image: 'alpine:3', command: ['true'] }]
const DECISION: Decision = {
  work: 'w' as WorkId,
  chosen: null,
  outcome: 'refused',
  why: SECRET,
  sites: [],
  counts: {},
  snapshot: 's',
  policyVersion: 'p',
}

let api: RunningApi
const nextId = createWorkIds(Date.now)

beforeAll(async () => {
  api = await startApi({ authenticator: testLogin.authenticator, projects: PROJECTS, placer: { recall: () => DECISION } })
})
afterAll(() => api[Symbol.asyncDispose]())

async function createTask(subject: string, project: string, visibility: 'owner' | 'project', name = SECRET): Promise<WorkId> {
  const id = nextId()
  const documentText = JSON.stringify({ name, executors: EXECUTORS })
  const work = { id, kind: 'task', project: project as ProjectId, visibility, name, tags: { t: 'x' }, documentText } as const
  await api.store.execute({
    kind: 'create',
    principal: { issuer: ISSUER, subject, roles: [], scopes: [] },
    work: { ...work, createdAt: Date.now(), rerunnable: false },
    now: Date.now(),
  })
  return id
}

const SHARED: readonly string[] = ['member', 'foreign', 'plainAdmin']

/** A fresh task for the question, as the table says which. */
const taskFor = (who: Role | Stranger): Promise<WorkId> =>
  SHARED.includes(who) ? createTask('ada', 'open', 'project') : createTask('ada', 'closed', 'owner')

const projectFor = (who: Role | Stranger): string => {
  const role = ROLES.find(one => one === who)
  if (role === undefined || role === 'otherProject') return 'third'
  return PROJECTS.find(({ members }) => members.includes(`${subjectOf(role)}@${ISSUER}`))?.project.id ?? 'none'
}

function ask(who: Role | Stranger, method: string, path: string): Promise<Answer> {
  const body = JSON.stringify({ executors: EXECUTORS, tags: { portolan_project: projectFor(who) } })
  return call(api.port, { method, path, headers: testLogin.headers(who), ...(method === 'POST' && { body }) })
}

const rows = Object.entries(matrix.routes)

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

  it.each(rows)('T03 %s answers each role as it says, at every mount', async (route, cells) => {
    const [method = '', path = ''] = route.split(' ')
    const mounts = /^\/(tasks|service-info)/.test(path) ? TES_MOUNTS : ['']
    for (const mount of mounts) {
      for (const [index, who] of matrix.columns.entries()) {
        const id = await taskFor(who)
        const answer = await ask(who, method, mount + path.replace(':id', id).replace(':name', 'tes-1.1.yaml'))
        const said = { mount, who, status: cells[index] }
        expect({ mount, who, status: answer.status }).toEqual(said)
        if (method === 'GET') {
          const head = await call(api.port, { method: 'HEAD', path: mount + path.replace(':id', id), headers: testLogin.headers(who) })
          if (!path.includes(':name')) expect({ mount, who, status: head.status }).toEqual(said)
        }
        if (answer.status < 400) continue
        expect(answer.text).not.toContain(SECRET)
        expect(JSON.parse(answer.text)).toMatchObject({ status_code: answer.status, msg: expect.any(String) })
        expect(api.store.getWork(SYSTEM, id)?.cancelRequestedAt).toBeUndefined()
      }
    }
  })
})

describe('T03 a list', () => {
  it('has for each role what is theirs to see, whatever the filter, and leads through every page', async () => {
    await using own = await startApi({ authenticator: testLogin.authenticator, projects: PROJECTS })
    const before = api
    api = own
    const names = new Map<string, string>()
    names.set(await createTask('ada', 'closed', 'owner', 'a-kept'), 'kept')
    names.set(await createTask('ada', 'open', 'project', 'a-shared'), 'shared')
    names.set(await createTask('eve', 'far', 'project', 'a-strange'), 'strange')
    api = before
    for (const [who, expected] of Object.entries(matrix.lists)) {
      for (const filter of ['', 'name_prefix=a', 'state=QUEUED', 'tag_key=t&tag_value=x', 'tag_key=t&state=QUEUED&name_prefix=a-']) {
        const shown: (string | undefined)[] = []
        let token = ''
        do {
          const path = `/ga4gh/tes/v1/tasks?page_size=1&${filter}&page_token=${token}`
          const { text } = await call(own.port, { path, headers: { authorization: `Bearer ${who}` } })
          const page = JSON.parse(text)
          shown.push(...page.tasks.map(({ id }: { id: string }) => names.get(id)))
          token = page.next_page_token ?? ''
        } while (token !== '')
        expect({ who, filter, shown }).toEqual({ who, filter, shown: expected })
      }
    }
  })

  it('of projects has those of the credential', async () => {
    for (const [who, expected] of Object.entries(matrix.projects)) {
      const { text } = await call(api.port, { path: '/portolan/v1/projects', headers: { authorization: `Bearer ${who}` } })
      expect({ who, projects: JSON.parse(text).projects.map(({ id }: { id: string }) => id) }).toEqual({ who, projects: expected })
    }
  })

  it('gives page tokens that are worth nothing to anybody else, nor by a credential for one project', async () => {
    for (let i = 0; i < 2; i++) await createTask('ada', 'open', 'project')
    const path = '/ga4gh/tes/v1/tasks?page_size=1'
    const ask = (who: Role, token = '') => call(api.port, { path: `${path}&page_token=${token}`, headers: testLogin.headers(who) })
    const token: string = JSON.parse((await ask('owner')).text).next_page_token
    const answers = await Promise.all((['owner', 'readOnly', 'otherProject', 'member', 'admin'] as const).map(who => ask(who, token)))
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
    expect(JSON.parse(text).msg).toBe('The token is no good: expired. Log in again, or make a new token.')
  })

  it('names the scope that is lacking', async () => {
    const { headers, text } = await ask('readOnly', 'POST', '/tasks')
    expect(headers['www-authenticate']).toContain('error="insufficient_scope", scope="write"')
    expect(JSON.parse(text).msg).toContain('scope write; it has read')
  })

  it('says when to come back while the login cannot be asked', async () => {
    const { headers, text } = await ask('unavailable', 'GET', '/tasks')
    expect(headers['retry-after']).toBe('7')
    expect(JSON.parse(text).msg).toContain('The login does not answer')
  })

  it('comes before a byte of the body is judged', async () => {
    const post = (who: Stranger | Role) =>
      call(api.port, { method: 'POST', path: '/tasks', headers: testLogin.headers(who), body: '{"broken' })
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
    const { status, text } = await call(api.port, { method: 'POST', path: `${mount}/tasks`, headers: testLogin.headers(who), body })
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
    const { text } = await call(api.port, { method: 'POST', path: '/tasks', headers: testLogin.headers('member'), body })
    const seen = await ask('owner', 'GET', `/tasks/${JSON.parse(text).id}`)
    expect(seen.status).toBe(200)
  })
})
