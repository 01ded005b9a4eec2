import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { openBodyBudget } from '../auth/limits/body-budget.ts'
import { createBodyReader } from './body-reader.ts'
import { beginExchange, exchangeOf } from './exchange.ts'

const ADA = { issuer: 'https://login.example/', subject: 'ada', roles: [], scopes: [] }

/** A server that asks for a turn for each body, and what has happened to the turn. */
async function serve() {
  const ended: number[] = []
  const turns = { take: async () => () => void ended.push(1), act: async (_person: unknown, act: () => void) => act() }
  const work = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<ServerResponse>()
  const app = express()
    .use((request, _response, next) => {
      beginExchange(request, {
        id: 'r1',
        begunAt: 0,
        path: '/',
        address: '',
        mount: '',
        operation: 'Try',
        principal: ADA,
        limited: undefined,
        bodyTimer: undefined,
      })
      next()
    })
    .post(
      '/',
      createBodyReader({ bodyBytes: 1_000_000, budget: openBodyBudget, turns, demandProject: () => undefined })(false),
      (request, response) => {
        exchangeOf(request).work = work.promise
        begun.resolve(response)
      },
    )
  const server = createServer(app)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const send = (signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify('x'.repeat(100_000)),
      ...(signal && { signal }),
    })
  return { ended, work, begun: begun.promise, send, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe('T16 the turn of a large document', () => {
  it('goes on when its sender hangs up, until what is done for it is done', async () => {
    await using server = await serve()
    const client = new AbortController()
    const left = expect(server.send(client.signal)).rejects.toThrow('aborted')
    const closed = once(await server.begun, 'close')
    client.abort()
    await Promise.all([left, closed])
    await new Promise(setImmediate)
    expect(server.ended).toEqual([])
    server.work.reject(new Error('Nothing is decided here'))
    await new Promise(setImmediate)
    expect(server.ended).toEqual([1])
  })

  it('ends when it is judged, while its sender still waits for the answer', async () => {
    await using server = await serve()
    const answer = server.send()
    const response = await server.begun
    server.work.resolve()
    await new Promise(setImmediate)
    expect(server.ended).toEqual([1])
    response.end('{}')
    expect((await answer).status).toBe(200)
    expect(server.ended).toEqual([1])
  })
})
