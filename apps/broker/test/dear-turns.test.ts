/**
 * Large documents of one person, as they and others meet them: one at a time is judged and placed, and nobody else waits for the line of it.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { gatherPeople, type People, type Role } from './access/roles.ts'
import { call } from './call.ts'
import { startApi } from './start-api.ts'

const SMALL = { executors: [{ image: 'alpine:3', command: ['true'] }], tags: { portolan_project: 'open' } }
const LARGE = { ...SMALL, description: 'd'.repeat(100_000) }
/** Not too many bytes for a small body, and enough to be judged for a while. */
const MIDDLE = { ...SMALL, description: 'd'.repeat(5_000) }

let people: People
beforeAll(async () => {
  people = await gatherPeople()
})
afterAll(() => people[Symbol.asyncDispose]())

describe('T16 large documents', () => {
  it('of one person are judged and placed one at a time, and what is small or of others beside it', async () => {
    const begun: (() => void)[] = []
    await using api = await startApi({
      openLogin: ports => people.open(ports),
      projects: people.projects,
      placer: {
        async decide() {
          const { promise, resolve } = Promise.withResolvers<void>()
          begun.push(resolve)
          await promise
          throw new TypeError('Nothing is decided here')
        },
      },
    })
    const send = (who: Role, body: string) =>
      call(api.port, { method: 'POST', path: '/portolan/v1/placements', headers: people.headers(who), body }).then(
        ({ status }) => status,
        () => 'cut off',
      )
    const tryOut = (who: Role, task: object) => send(who, JSON.stringify(task))
    const untilBegun = (count: number) => vi.waitFor(() => expect(begun).toHaveLength(count), { timeout: 10_000 })

    const greedy = [LARGE, MIDDLE, LARGE].map(task => tryOut('owner', task))
    await untilBegun(1)
    let isRead = false
    const broken = send('owner', JSON.stringify(LARGE).slice(1)).finally(() => {
      isRead = true
    })
    const others = [tryOut('member', LARGE), tryOut('owner', SMALL)]
    // Of six that have come, the further dear ones of the same person wait; not even their JSON is read.
    await untilBegun(3)
    expect((await call(api.port, { path: '/ga4gh/tes/v1/tasks', headers: people.headers('owner') })).status).toBe(200)
    expect([begun.length, isRead]).toEqual([3, false])
    for (let count = 3; count < 6; count++) {
      for (const end of begun) end()
      await untilBegun(Math.min(count + 1, 5))
    }
    for (const end of begun) end()
    expect(await Promise.all([...greedy, ...others])).toEqual([500, 500, 500, 500, 500])
    expect(await broken).toBe(400)
  })

  it('of who is in no project are refused as their small ones are, and not read', async () => {
    const projects = people.projects.filter(({ project }) => project.id !== 'far')
    await using api = await startApi({ openLogin: ports => people.open(ports, projects), projects })
    const send = (body: string) =>
      call(api.port, { method: 'POST', path: '/portolan/v1/placements', headers: people.headers('foreign'), body })
    const small = await send(JSON.stringify({ executors: SMALL.executors }))
    expect([small.status, small.text]).toEqual([400, expect.stringContaining('You are in no project')])
    const large = await send('no document at all '.repeat(5_000))
    expect([large.status, large.text]).toEqual([400, expect.stringContaining('You are in no project')])
  })
})
