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
/** Less than half of what is left where three hold all they can. */
const LESS = JSON.stringify({ ...TASK, description: 'd'.repeat(MIB / 2) })
const SMALL = JSON.stringify(TASK)
const CREATE = '/ga4gh/tes/v1/tasks'

let people: People
beforeAll(async () => {
  people = await gatherPeople()
})
afterAll(() => people[Symbol.asyncDispose]())

/** Bodies of 2 MiB at most; 4 MiB of a person at once, 10 MiB in all, of which 2 MiB are kept for whoever holds little. */
async function startBounded() {
  const told: string[] = []
  let due = 0
  let come = 0
  const observer = { limited: (act: DoorAct, outcome: string) => void told.push(`${act} ${outcome}`) }
  const budget = createBodyBudget({ personBytes: 4 * MIB, allBytes: 10 * MIB, keptBytes: 2 * MIB }, observer)
  const bodyBudget: BodyBudget = {
    open(person) {
      const share = budget.open(person)
      const own = { due: 0, come: 0 }
      return {
        announce(bytes) {
          const isTaken = share.announce(bytes)
          own.due += isTaken ? bytes : 0
          due += isTaken ? bytes : 0
          return isTaken
        },
        come(bytes) {
          const isTaken = share.come(bytes)
          own.come += isTaken ? bytes : 0
          come += isTaken ? bytes : 0
          return isTaken
        },
        end() {
          share.end()
          due -= own.due
          come -= own.come
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
    untilAnnounced: (bytes: number) => vi.waitFor(() => expect(due).toBe(bytes), { timeout: 10_000 }),
    untilCome: (bytes: number) => vi.waitFor(() => expect(come).toBe(bytes), { timeout: 10_000 }),
    /** Announces a body of 2 MiB and sends this much of it. */
    announce: (who: Role, path = CREATE, bytes = 0) => open(who, path, `Content-Length: ${2 * MIB}\r\n\r\n${' '.repeat(bytes)}`),
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
    await bounded.untilAnnounced(4 * MIB)
    expect((await bounded.post('owner', LARGE)).status).toBe(429)
    const refused = await text(bounded.announce('owner').on('data', endAfterAnswer))
    expect(refused).toMatch(/^HTTP\/1\.1 429 [\s\S]*retry-after: \d+[\s\S]*too-many-requests/i)
    const dry = await bounded.post('owner', LARGE, '/portolan/v1/placements')
    expect([dry.status, JSON.parse(dry.text).type, dry.headers['retry-after']]).toEqual([503, 'urn:portolan:error:too-much-at-once', '2'])
    expect((await bounded.post('owner', SMALL)).status).toBe(200)
    expect(new Set(bounded.told)).toEqual(new Set(['body refused']))
    for (const socket of held) socket.destroy()
    await bounded.untilAnnounced(0)
    expect((await bounded.post('owner', LARGE)).status).toBe(200)
  })

  it('take nothing from others by what they announce alone', async () => {
    await using bounded = await startBounded()
    for (const who of ['owner', 'owner', 'admin', 'admin'] as const) bounded.announce(who)
    await bounded.untilAnnounced(8 * MIB)
    expect((await bounded.post('member', LARGE)).status).toBe(200)
  })

  it('of all have only so many bytes together, of which whoever comes last gets half, and small bodies need none', async () => {
    await using bounded = await startBounded()
    const most = 2 * MIB - 1
    const held = most - 16 * 1024
    for (const _ of [1, 2]) bounded.announce('owner', CREATE, most)
    await bounded.untilCome(2 * held)
    bounded.announce('admin', CREATE, most)
    await bounded.untilCome(3 * held)
    expect((await bounded.post('member', LARGE)).status).toBe(429)
    expect((await bounded.post('member', LESS)).status).toBe(200)
    expect((await bounded.post('member', SMALL)).status).toBe(200)
  })

  it('count as they come where nothing is announced, once they are not small', async () => {
    await using bounded = await startBounded()
    for (const _ of [1, 2]) bounded.stream('owner', NEARLY_ALL)
    await bounded.untilCome(2 * (NEARLY_ALL - 16 * 1024))
    expect((await bounded.post('owner', LARGE)).status).toBe(429)
    const refused = await text(bounded.stream('owner', NEARLY_ALL).on('data', endAfterAnswer))
    expect(refused).toMatch(/^HTTP\/1\.1 429 /)
    const small = bounded.stream('owner', 1_000)
    small.write(`${SMALL.length.toString(16)}\r\n${SMALL}\r\n0\r\n\r\n`)
    expect(await text(small.on('data', endAfterAnswer))).toMatch(/^HTTP\/1\.1 200 /)
  })
})

function endAfterAnswer(this: Socket): void {
  this.end()
}
