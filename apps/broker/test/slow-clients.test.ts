/**
 * Clients that send a little and then nothing, to hold what others need.
 */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from './call.ts'
import { type RunningApi, startApi } from './start-api.ts'

const MANY = 200
/** Far longer than it may take, and shorter than a test. */
const DEADLINE_MS = 5_000

const BRIEF = { headersMs: 200, requestMs: 400, idleMs: 5_000, checkMs: 50 }
/** Only headers are waited for so briefly. */
const LONG = { ...BRIEF, requestMs: 60_000 }

let api: RunningApi
let headersOnly: RunningApi
beforeAll(async () => {
  api = await startApi({ patience: BRIEF })
  headersOnly = await startApi({ patience: LONG })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await headersOnly[Symbol.asyncDispose]()
})

const WAITED_FOR = 'It is waited for still.'

/** Sends this much, then nothing, and reads until it is cut off. */
async function sendAndWait({ port }: RunningApi, path: string, rest: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve(WAITED_FOR), DEADLINE_MS)
  try {
    socket.write(`${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${rest}`)
    return await Promise.race([promise, text(socket)])
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

const sendHalf = () =>
  sendAndWait(api, 'POST /ga4gh/tes/v1/tasks', 'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"executors":')

describe('T16 a client that sends', () => {
  it('half of the headers is cut off with 408', async () => {
    expect(await sendAndWait(headersOnly, 'GET /ga4gh/tes/v1/tasks', 'X-Slow: ')).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('half of a body is cut off', async () => {
    expect(await sendHalf()).not.toBe(WAITED_FOR)
  })

  it('nothing more keeps nobody else from being served, however many do so', async () => {
    const slow = Array.from({ length: MANY }, sendHalf)
    for (let index = 0; index < 20; index++) expect((await call(api.port, { path: '/ga4gh/tes/v1/tasks' })).status).toBe(200)
    expect(await Promise.all(slow)).not.toContain(WAITED_FOR)
  })
})
