/**
 * Events from outside: pages, streams, who may follow what, and how streams end.
 */
import type { ProjectId, WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { followStream } from '../../../../test/harness/event-stream.ts'
import { until } from '../../../../test/harness/until.ts'
import { call } from '../../test/call.ts'
import { type ApiTestOptions, type RunningApi, startApi } from '../../test/start-api.ts'
import type { Principal } from '../auth/principal.ts'
import { claim, end } from '../stores/contract/builders.ts'
import type { Store } from '../stores/store.ts'
import type { TaskEventList } from './data-schemas.ts'

const MEMBER = { issuer: 'https://login.example.org/', memberOf: ['local' as ProjectId] }
const ROOT: Principal = { ...MEMBER, subject: 'root', roles: ['admin'], scopes: ['read', 'write', 'admin'] }
const PEOPLE: Readonly<Record<string, Principal>> = {
  ada: { ...MEMBER, subject: 'ada', roles: [], scopes: ['read', 'write'] },
  bob: { ...MEMBER, subject: 'bob', roles: [], scopes: ['read', 'write'] },
  root: ROOT,
}
const TASK = JSON.stringify({ executors: [{ image: 'alpine', command: ['true'] }] })
const EVENTS = '/portolan/v1/events'

interface World extends AsyncDisposable {
  readonly api: RunningApi
  /** Who is not let in any more. */
  readonly revoked: Set<string>
  create(who: string): Promise<WorkId>
  page(who: string, path: string): Promise<TaskEventList>
  follow(who: string, path: string, headers?: Readonly<Record<string, string>>): ReturnType<typeof followStream>
  finish(id: WorkId): Promise<void>
}

async function open(options: Partial<ApiTestOptions> = {}): Promise<World> {
  const revoked = new Set<string>()
  const api = await startApi({
    authenticator: {
      authenticate: ({ authorization = '' }) =>
        revoked.has(authorization)
          ? { outcome: 'refused', reason: 'revoked', says: 'The token was revoked.' }
          : (PEOPLE[authorization] ?? { outcome: 'refused', reason: 'missing', says: 'Who are you?' }),
    },
    ...options,
  })
  const ask = (who: string, path: string, body?: string) =>
    call(api.port, { path, headers: { authorization: who }, ...(body !== undefined && { method: 'POST', body }) })
  return {
    api,
    revoked,
    create: async who => JSON.parse((await ask(who, '/ga4gh/tes/v1/tasks', TASK)).text).id,
    page: async (who, path) => JSON.parse((await ask(who, path)).text),
    follow: (who, path, headers) => followStream(`http://127.0.0.1:${api.port}${path}`, { authorization: who, ...headers }),
    async finish(id) {
      await end(api.store, await claim(api.store), id)
      await api.sequence()
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
}

const numbers = (events: TaskEventList['events']): readonly number[] => events.map(({ number }) => number)

describe('events as pages', () => {
  it('tell what happened from the beginning, page by page, of one task and of all of them', async () => {
    await using world = await open()
    const [first, second] = [await world.create('ada'), await world.create('ada')]
    await world.finish(first)
    const all = await world.page('ada', EVENTS)
    expect(all.events.map(({ task, kind, state }) => [task, kind, state])).toEqual([
      [first, 'created', 'COMPLETE'],
      [second, 'created', 'QUEUED'],
      [first, 'changed', 'COMPLETE'],
      [first, 'ended', 'COMPLETE'],
    ])
    const start = await world.page('ada', `${EVENTS}?page_size=1`)
    expect(start.events).toEqual(all.events.slice(0, 1))
    expect((await world.page('ada', `${EVENTS}?after=${start.after}`)).events).toEqual(all.events.slice(1))
    expect((await world.page('ada', `/portolan/v1/tasks/${second}/events`)).events).toEqual(all.events.slice(1, 2))
    expect(await world.page('ada', `${EVENTS}?after=${all.after}`)).toEqual({ events: [], after: all.after })
  })

  it('T03 tell nobody of what they may not see', async () => {
    await using world = await open()
    const id = await world.create('ada')
    await world.api.sequence()
    expect((await world.page('bob', EVENTS)).events).toEqual([])
    expect(await world.page('bob', `/portolan/v1/tasks/${id}/events`)).toMatchObject({ status_code: 404 })
    const stream = await world.follow('bob', `${EVENTS}?after=0`)
    const own = await world.create('bob')
    await world.api.sequence()
    await until('their own comes', () => stream.events.length > 0)
    expect(stream.events.map(({ task }) => task)).toEqual([own])
    stream.close()
  })

  it.each([
    ['after=x', 'after'],
    ['after=-1', 'after'],
    ['page_size=0', 'page_size'],
    ['page_size=9999', 'page_size'],
    ['after=1&after=2', 'after'],
  ])('refuse %s with the field and the fix', async (query, path) => {
    await using world = await open()
    expect(await world.page('ada', `${EVENTS}?${query}`)).toMatchObject({ status_code: 400, problems: [{ path, fix: expect.any(String) }] })
  })

  it('answer HEAD at once, whatever it accepts', async () => {
    await using world = await open()
    const headers = { authorization: 'ada', accept: 'text/event-stream' }
    const answer = await call(world.api.port, { method: 'HEAD', path: EVENTS, headers })
    expect([answer.status, answer.text]).toEqual([200, ''])
  })
})

describe('a stream of events', () => {
  it('begins with what is to come, gives each event its number as its id, and is kept by no cache or proxy', async () => {
    await using world = await open()
    await world.create('ada')
    await world.api.sequence()
    const { after } = await world.page('ada', EVENTS)
    const stream = await world.follow('ada', EVENTS)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const id = await world.create('ada')
    await world.api.sequence()
    await until('it comes', () => stream.events.length === 1)
    expect(stream.events).toMatchObject([{ kind: 'created', task: id, state: 'QUEUED' }])
    expect([stream.ids, stream.retry()]).toEqual([[after, ...numbers(stream.events)].map(String), 1_000])
    stream.close()
  })

  it('goes on after the number that its client names, by the header before the address', async () => {
    await using world = await open()
    for (let count = 0; count < 5; count++) await world.create('ada')
    await world.api.sequence()
    const all = numbers((await world.page('ada', EVENTS)).events)
    const byAddress = await world.follow('ada', `${EVENTS}?after=${all[1]}`)
    const byHeader = await world.follow('ada', `${EVENTS}?after=${all[1]}`, { 'last-event-id': String(all[3]) })
    await until('both have the rest', () => byAddress.events.length === 3 && byHeader.events.length === 1)
    expect([numbers(byAddress.events), numbers(byHeader.events)]).toEqual([all.slice(2), all.slice(4)])
    expect((await world.follow('ada', EVENTS, { 'last-event-id': 'x' })).status).toBe(400)
    byAddress.close()
    byHeader.close()
  })

  it('of a task ends with it, and then there is nothing to come back for', async () => {
    await using world = await open()
    const id = await world.create('ada')
    const path = `/portolan/v1/tasks/${id}/events`
    const stream = await world.follow('ada', `${path}?after=0`)
    await world.create('ada')
    await world.finish(id)
    expect(await stream.ended).toBe(true)
    expect(stream.events.map(({ kind }) => kind)).toEqual(['created', 'changed', 'ended'])
    const late = await world.follow('ada', path, { 'last-event-id': String(stream.ids.at(-1)) })
    expect([late.status, await late.ended]).toEqual([204, true])
    const again = await world.follow('ada', `${path}?after=0`)
    expect([await again.ended, numbers(again.events)]).toEqual([true, numbers(stream.events)])
  })

  it('gives signs of life that say what was looked at, so that nobody looks at it again', async () => {
    await using world = await open({ streams: { beatMs: 20 } })
    const stream = await world.follow('bob', EVENTS)
    await world.create('ada')
    await world.api.sequence()
    const { after } = await world.page('bob', EVENTS)
    await until('a beat says so', () => stream.ids.at(-1) === String(after))
    expect(stream.events).toEqual([])
    stream.close()
  })

  it('T02 ends once its credential counts no more, within a minute', async () => {
    let at = 1_000_000
    await using world = await open({ streams: { beatMs: 20 }, now: () => at })
    const stream = await world.follow('ada', EVENTS)
    world.revoked.add('ada')
    await until('three beats', () => stream.ids.length >= 3)
    at += 60_000
    const beats = stream.ids.length
    const goesOn = until('it goes on', () => stream.ids.length > beats + 20).then(() => 'it goes on')
    expect(await Promise.race([stream.ended, goesOn])).toBe(true)
    goesOn.catch(() => undefined)
    expect((await world.follow('ada', EVENTS)).status).toBe(401)
  })

  it('T16 is one of sixteen of a person, and of so many of all, and makes room when it ends', async () => {
    let open_ = 0
    await using world = await open({
      streams: { perPerson: 2, perProcess: 3 },
      eventObserver: { streamOpened: () => void open_++, streamEnded: () => void open_-- },
    })
    const own = [await world.follow('ada', EVENTS), await world.follow('ada', EVENTS)]
    const third = await world.follow('ada', EVENTS)
    expect([third.status, third.headers['retry-after']]).toEqual([503, '10'])
    const other = await world.follow('bob', EVENTS)
    expect([other.status, (await world.follow('root', EVENTS)).status, open_]).toEqual([200, 503, 3])
    own[0]?.close()
    await until('it has left', () => open_ === 2)
    const next = await world.follow('ada', EVENTS)
    expect(next.status).toBe(200)
    for (const stream of [...own, other, next]) stream.close()
    await until('all have left', () => open_ === 0)
  })

  it('ends when the server does, well and at once', async () => {
    const world = await open()
    const stream = await world.follow('ada', EVENTS)
    const { cut } = await world.api.api.drain(5_000)
    expect([cut, await stream.ended]).toEqual([0, true])
    await world[Symbol.asyncDispose]()
  })

  it('is one line in the access log with the status that it had, and counts by how long it took to begin', async () => {
    await using world = await open()
    const stream = await world.follow('ada', EVENTS)
    await until('it is told', () => stream.retry() !== undefined)
    stream.close()
    const line = await until('its line', async () => {
      await call(world.api.port, { path: '/healthz' })
      return world.api.accessLines.find(text => text.includes(EVENTS))
    })
    expect(JSON.parse(line)).toMatchObject({ path: EVENTS, status: 200 })
    const { text } = await call(world.api.port, { path: '/metrics' })
    expect(text).toContain('portolan_http_request_seconds_count{operation="ListEvents",status="200"} 1')
  })

  it('needs no login in open mode, and is kept from pages of other origins', async () => {
    await using api = await startApi()
    const url = `http://127.0.0.1:${api.port}${EVENTS}`
    const streams = await Promise.all(Array.from({ length: 20 }, () => followStream(url)))
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200))
    for (const stream of streams) stream.close()
    expect((await followStream(url, { origin: 'https://evil.example' })).status).toBe(403)
  })
})

describe('an administrator who follows', () => {
  it('leaves a note of whose tasks they see, each once, before they see them', async () => {
    const noted: unknown[] = []
    const listen = (store: Store): Store => ({
      ...store,
      execute: command => {
        if (command.kind === 'noteAdminRead') noted.push([command.operation, command.page?.ids])
        return store.execute(command)
      },
    })
    await using world = await open({ wrapStore: listen })
    const id = await world.create('ada')
    await world.api.sequence()
    const stream = await world.follow('root', `${EVENTS}?after=0`)
    await until('it comes', () => stream.events.length === 1)
    expect(noted).toEqual([['ListEvents', [id]]])
    await world.finish(id)
    await until('the end comes', () => stream.events.length === 3)
    expect(noted).toHaveLength(1)
    stream.close()
    expect((await world.page('root', EVENTS)).events).toHaveLength(3)
    expect(noted).toEqual([
      ['ListEvents', [id]],
      ['ListEvents', [id]],
    ])
  })
})

describe('many who follow', () => {
  it('each have every event once and in order, while ten thousand come', async () => {
    await using world = await open({ streams: { perPerson: 50 } })
    const streams = await Promise.all(Array.from({ length: 50 }, () => world.follow('ada', EVENTS)))
    const noted = { kind: 'noteAdminRead', principal: ROOT, operation: 'GetTask', now: 1 } as const
    const id = await world.create('ada')
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 1_000 }, () => world.api.store.execute({ ...noted, id })))
      await world.api.sequence()
    }
    const all: number[] = []
    for (let after = 0; all.length < 10_001; ) {
      const page = await world.page('ada', `${EVENTS}?page_size=2047&after=${after}`)
      all.push(...numbers(page.events))
      after = page.after
    }
    await until('all have the last', () => streams.every(({ events }) => events.at(-1)?.number === all.at(-1)))
    for (const stream of streams) {
      expect(numbers(stream.events)).toEqual(all)
      stream.close()
    }
  })
})
