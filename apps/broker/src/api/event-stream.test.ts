/**
 * Streams over a feed that never ends, so that nothing but the client holds them up.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { followStream } from '../../../../test/harness/event-stream.ts'
import { until } from '../../../../test/harness/until.ts'
import type { Principal } from '../auth/principal.ts'
import type { EventFeed } from '../events/event-feed.ts'
import { createEventStreams, STREAM_RULES, type StreamRules } from './event-stream.ts'
import { beginExchange } from './exchange.ts'

const ADA: Principal = { issuer: 'https://login.example.org/', subject: 'ada', roles: [], scopes: ['read'] }
const EVENT = { at: 0, kind: 'see', task: 'w000000001' as WorkId, state: 'RUNNING', owner: ADA } as const

async function serve(rules: Partial<StreamRules>, feed: Partial<EventFeed> = {}) {
  let pages = 0
  let closed = 0
  const errors: unknown[] = []
  const endless: EventFeed = {
    end: () => Number.POSITIVE_INFINITY,
    async read(_principal, _task, after, limit) {
      pages += 1
      return { events: Array.from({ length: limit }, (_, index) => ({ ...EVENT, number: after + index + 1 })), after: after + limit }
    },
    endOf: () => undefined,
    onNews: () => () => undefined,
    async [Symbol.asyncDispose]() {},
    ...feed,
  }
  const streams = createEventStreams({
    feed: endless,
    observer: { streamOpened: () => undefined, streamEnded: () => undefined, sent: () => undefined },
    judgeAgain: async () => ADA,
    rules: { ...STREAM_RULES, ...rules },
    now: Date.now,
    report: error => void errors.push(error),
  })
  const server = createServer((request, response) => {
    const bare = { id: 'r', path: '/', address: '', mount: '', operation: 'ListEvents', limited: undefined, bodyTimer: undefined }
    beginExchange(request, { ...bare, begunAt: performance.now(), principal: ADA })
    response.once('close', () => closed++)
    streams.open({ request, response, principal: ADA, after: 0, note: () => undefined })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    pages: () => pages,
    /** Connections that are over. */
    closed: () => closed,
    errors,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('a stream whose client takes nothing', () => {
  it('reads no further page until the client goes on, and then misses nothing', async () => {
    await using server = await serve({})
    const stream = await followStream(server.url)
    stream.pause()
    let before = -1
    await until('it reads no more', async () => {
      const still = server.pages() === before
      before = server.pages()
      return still
    })
    stream.resume()
    const held = server.pages()
    await until('it goes on', () => server.pages() > held + 10)
    stream.close()
    await stream.ended
    const numbers = stream.events.map(({ number }) => number)
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  })

  it('T16 is cut off after a while, and another goes on', async () => {
    await using server = await serve({ beatMs: 250, stalledBeats: 4 })
    const [slow, quick] = [await followStream(server.url), await followStream(server.url)]
    slow.pause()
    await until('it is cut off', () => server.closed() > 0, 10_000).catch(() => undefined)
    expect(server.closed()).toBe(1)
    const before = quick.events.length
    await until('the other goes on', () => quick.events.length > before)
    for (const stream of [slow, quick]) stream.close()
  })
})

it('a stream that cannot be read ends, and is reported', async () => {
  await using server = await serve({}, { read: () => Promise.reject(new Error('the store is closed')) })
  const stream = await followStream(server.url)
  expect([await stream.ended, server.errors]).toEqual([true, [new Error('the store is closed')]])
})
