/**
 * What administrators look at, over the real API and store.
 */
import type { ProjectId, WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { call } from '../../test/call.ts'
import { startApi } from '../../test/start-api.ts'
import { type Principal, SYSTEM } from '../auth/principal.ts'
import { type Store, StoreUnavailable } from '../stores/store.ts'

const MEMBER = { issuer: 'https://login.example.org/', memberOf: ['local' as ProjectId] }
const PEOPLE: Readonly<Record<string, Principal>> = {
  ada: { ...MEMBER, subject: 'ada', roles: [], scopes: ['read', 'write'] },
  root: { ...MEMBER, subject: 'root', roles: ['admin'], scopes: ['read', 'write', 'admin'] },
  rootWithout: { ...MEMBER, subject: 'root', roles: ['admin'], scopes: ['read', 'write'] },
}
const TASK = JSON.stringify({ executors: [{ image: 'alpine', command: ['true'] }] })

async function open(wrapStore?: (store: Store) => Store) {
  const api = await startApi({
    ...(wrapStore && { wrapStore }),
    authenticator: {
      authenticate: ({ authorization = '' }) => PEOPLE[authorization] ?? { outcome: 'refused', reason: 'missing', says: 'Who are you?' },
    },
  })
  const ask = (who: string, path: string, body?: string) =>
    call(api.port, { path, headers: { authorization: who }, ...(body !== undefined && { method: 'POST', body }) })
  const { id }: { id: WorkId } = JSON.parse((await ask('ada', '/ga4gh/tes/v1/tasks', TASK)).text)
  const looks = () => api.store.getEvents(SYSTEM, id).filter(({ kind }) => kind === 'adminRead')
  return { api, ask, id, looks }
}

describe('what an administrator looks at', () => {
  it('stands in its history before it is shown, and once a minute for who polls', async () => {
    const { api, ask, id, looks } = await open()
    await using _ = api
    for (let poll = 0; poll < 3; poll++) expect((await ask('root', `/ga4gh/tes/v1/tasks/${id}`)).status).toBe(200)
    expect(looks().map(({ detailText }) => detailText)).toEqual([JSON.stringify({ operation: 'GetTask' })])
    expect((await ask('root', `/portolan/v1/tasks/${id}/attempts`)).status).toBe(200)
    expect(looks()).toHaveLength(2)
  })

  it('leaves no trace where it is their own, belongs to nobody, or is asked for without the scope', async () => {
    const { api, ask, id, looks } = await open()
    await using _ = api
    expect((await ask('rootWithout', `/ga4gh/tes/v1/tasks/${id}`)).status).toBe(404)
    expect((await ask('ada', `/ga4gh/tes/v1/tasks/${id}`)).status).toBe(200)
    expect((await ask('root', '/portolan/v1/sites')).status).toBe(200)
    const { id: own }: { id: WorkId } = JSON.parse((await ask('root', '/ga4gh/tes/v1/tasks', TASK)).text)
    expect((await ask('root', `/ga4gh/tes/v1/tasks/${own}`)).status).toBe(200)
    expect(looks()).toEqual([])
    expect(api.store.getEvents(SYSTEM, own).map(({ kind }) => kind)).toEqual(['created'])
  })

  it('stands in an event for each page of a list, with what was asked and the ids of others, however soon the next one is read', async () => {
    const pages: unknown[] = []
    const listen = (store: Store): Store => ({
      ...store,
      execute: command => {
        if (command.kind === 'noteAdminRead') pages.push({ operation: command.operation, page: command.page })
        return store.execute(command)
      },
    })
    const { api, ask, id } = await open(listen)
    await using _ = api
    expect((await ask('root', '/ga4gh/tes/v1/tasks', TASK)).status).toBe(200)
    for (const query of ['', '?view=FULL', '?view=FULL', '?view=BASIC&state=QUEUED&name_prefix=none'])
      expect((await ask('root', `/ga4gh/tes/v1/tasks${query}`)).status).toBe(200)
    const shown = (view: string) => ({ operation: 'ListTasks', page: { asked: { view, tags: [] }, ids: [id] } })
    expect(pages).toEqual([shown('MINIMAL'), shown('FULL'), shown('FULL')])
    expect((await ask('ada', '/ga4gh/tes/v1/tasks?view=FULL')).status).toBe(200)
    expect((await ask('rootWithout', '/ga4gh/tes/v1/tasks?view=FULL')).status).toBe(200)
    expect(pages).toHaveLength(3)
  })

  it('is not shown while it cannot be written down', async () => {
    const refuse = (store: Store): Store => ({
      ...store,
      execute: command => (command.kind === 'noteAdminRead' ? Promise.reject(new StoreUnavailable('disk full')) : store.execute(command)),
    })
    const { api, ask, id } = await open(refuse)
    await using _ = api
    for (const path of [`/ga4gh/tes/v1/tasks/${id}`, '/ga4gh/tes/v1/tasks', `/portolan/v1/tasks/${id}/attempts`]) {
      expect((await ask('root', path)).status).toBe(503)
      expect((await ask('ada', path)).status).toBe(200)
    }
  })
})
