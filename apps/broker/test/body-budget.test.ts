/**
 * Large bodies side by side, as clients meet the bounds: what is refused before it is read, and who is left alone.
 */
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type BodyBudget, createBodyBudget } from '../src/auth/limits/body-budget.ts'
import type { DoorAct } from '../src/auth/limits/door-rules.ts'
import { gatherPeople, type People, type Role } from './access/roles.ts'
import { call } from './call.ts'
import { startApi } from './start-api.ts'

const MIB = 2 ** 20
const NEARLY_ALL = 1_990_000
const TASK = { executors: [{ image: 'alpine:3', command: ['true'] }], tags: { portolan_project: 'open' } }
const LARGE = JSON.stringify({ ...TASK, description: 'd'.repeat(1.5 * MIB) })
const SMALL = JSON.stringify(TASK)
const CREATE = '/ga4gh/tes/v1/tasks'

let people: People
beforeAll(async () => {
  people = await gatherPeople()
})
afterAll(() => people[Symbol.asyncDispose]())

/** Bodies of 2 MiB at most; 4 MiB of a person at once, 5 MiB in all. */
async function startBounded() {
  const told: string[] = []
  let taken = 0
  const observer = { limited: (act: DoorAct, outcome: string) => void told.push(`${act} ${outcome}`) }
  const budget = createBodyBudget({ personBytes: 4 * MIB, allBytes: 5 * MIB }, observer)
  const bodyBudget: BodyBudget = {
    open(person) {
      const share = budget.open(person)
      let own = 0
      return {
        add(bytes) {
          const isTaken = share.add(bytes)
          if (isTaken) own += bytes
          if (isTaken) taken += bytes
          return isTaken
        },
        end() {
          share.end()
          taken -= own
        },
      }
    },
  }
  const api = await startApi({ openLogin: ports => people.open(ports), projects: people.projects, bodyBytes: 2 * MIB, bodyBudget })
  const sockets: Socket[] = []
  const linesOf = (who: Role): string =>
    Object.entries({ ...people.headers(who), host: `127.0.0.1:${api.port}`, 'content-type': 'application/json' })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
  const open = (who: Role, path: string, rest: string): Socket => {
    const socket = connect(api.port, '127.0.0.1')
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write(`POST ${path} HTTP/1.1\r\n${linesOf(who)}${rest}`)
    return socket
  }
  return {
    told,
    untilTaken: (bytes: number) => vi.waitFor(() => expect(taken).toBe(bytes), { timeout: 10_000 }),
    /** Announces a body of 2 MiB and sends none of it. */
    announce: (who: Role, path = CREATE) => open(who, path, `Content-Length: ${2 * MIB}\r\n\r\n`),
    /** Begins a body of unknown length, and sends this much of it. */
    stream: (who: Role, bytes: number) =>
      open(who, CREATE, `Transfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n`),
    post: (who: Role, body: string, path = CREATE) => call(api.port, { method: 'POST', path, body, headers: people.headers(who) }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await api[Symbol.asyncDispose]()
    },
  }
}

describe('T16 bodies that are under way', () => {
  it('of one person have only so many bytes: a further large create is 429 before it is read, a further dry run 503, and all else goes on', async () => {
    await using bounded = await startBounded()
    expect((await bounded.post('owner', LARGE)).status).toBe(200)
    const held = [bounded.announce('owner'), bounded.announce('owner', '/portolan/v1/placements')]
    await bounded.untilTaken(4 * MIB)
    expect((await bounded.post('owner', LARGE)).status).toBe(429)
    const refused = await text(bounded.announce('owner').on('data', endAfterAnswer))
    expect(refused).toMatch(/^HTTP\/1\.1 429 [\s\S]*retry-after: \d+[\s\S]*too-many-requests/i)
    const dry = await bounded.post('owner', LARGE, '/portolan/v1/placements')
    expect([dry.status, JSON.parse(dry.text).type, dry.headers['retry-after']]).toEqual([503, 'urn:portolan:error:too-much-at-once', '2'])
    expect((await bounded.post('owner', SMALL)).status).toBe(200)
    expect(new Set(bounded.told)).toEqual(new Set(['body refused']))
    for (const socket of held) socket.destroy()
    await bounded.untilTaken(0)
    expect((await bounded.post('owner', LARGE)).status).toBe(200)
  })

  it('of all have only so many bytes together, and small bodies need none', async () => {
    await using bounded = await startBounded()
    for (const who of ['owner', 'member'] as const) bounded.announce(who)
    await bounded.untilTaken(4 * MIB)
    expect((await bounded.post('owner', LARGE)).status).toBe(429)
    expect((await bounded.post('member', SMALL)).status).toBe(200)
  })

  it('count as they come where nothing is announced', async () => {
    await using bounded = await startBounded()
    for (const _ of [1, 2]) bounded.stream('owner', NEARLY_ALL)
    await bounded.untilTaken(2 * NEARLY_ALL)
    expect((await bounded.post('owner', LARGE)).status).toBe(429)
    const refused = await text(bounded.stream('owner', NEARLY_ALL).on('data', endAfterAnswer))
    expect(refused).toMatch(/^HTTP\/1\.1 429 /)
    expect((await bounded.post('member', SMALL)).status).toBe(200)
  })
})

function endAfterAnswer(this: Socket): void {
  this.end()
}
