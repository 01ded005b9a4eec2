import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { openBodyBudget } from '../auth/limits/body-budget.ts'
import { createBodyReader } from './body-reader.ts'
import { beginExchange, exchangeOf } from './exchange.ts'

const ADA = { issuer: 'https://login.example/', subject: 'ada', roles: [], scopes: [] }

describe('T16 the turn of a large document', () => {
  it('goes on when its sender hangs up, until what is done for it is done', async () => {
    let ended = 0
    const turns = {
      take: async () => () => {
        ended += 1
      },
    }
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
      .post('/', createBodyReader(1_000_000, openBodyBudget, turns)(false), (request, response) => {
        exchangeOf(request).work = work.promise
        begun.resolve(response)
      })
    await using server = createServer(app)
    await once(server.listen(0, '127.0.0.1'), 'listening')

    const client = new AbortController()
    const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify('x'.repeat(100_000)),
      signal: client.signal,
    })
    const left = expect(answer).rejects.toThrow('aborted')
    const response = await begun.promise
    const closed = once(response, 'close')
    client.abort()
    await Promise.all([left, closed])
    await new Promise(setImmediate)
    expect(ended).toBe(0)
    work.reject(new Error('Nothing is decided here'))
    await new Promise(setImmediate)
    expect(ended).toBe(1)
  })
})
