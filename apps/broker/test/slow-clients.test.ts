/**
 * Clients that send a little and then nothing, to hold what others need.
 */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from './call.ts'
import { type RunningApi, startApi } from './start-api.ts'

const MANY = 200
/** Far longer than it may take, and shorter than a test. */
const DEADLINE_MS = 5_000

const BRIEF = { headersMs: 200, requestMs: 400, bodyMs: 60_000, idleMs: 5_000, checkMs: 50 }
/** What stands still is given up long before the time for a whole request is over. */
const STILL = { ...BRIEF, headersMs: 60_000, requestMs: 60_000, bodyMs: 300 }
/** Only headers are waited for so briefly. */
const LONG = { ...BRIEF, requestMs: 60_000 }

let api: RunningApi
let headersOnly: RunningApi
let bodies: RunningApi
beforeAll(async () => {
  api = await startApi({ patience: BRIEF })
  headersOnly = await startApi({ patience: LONG })
  bodies = await startApi({ patience: STILL })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await headersOnly[Symbol.asyncDispose]()
  await bodies[Symbol.asyncDispose]()
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

/** A piece at a time, each well within the time for one, and all together beyond it. */
async function sendSlowly({ port }: RunningApi, body: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const head = `Host: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}`
  socket.write(`POST /ga4gh/tes/v1/tasks HTTP/1.1\r\n${head}\r\n\r\n`)
  const answer = text(socket)
  const step = Math.ceil(body.length / 10)
  for (let at = 0; at < body.length; at += step) {
    socket.write(body.slice(at, at + step))
    await pause(80)
  }
  return answer
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

  it('half of a body and then nothing is told so, with 408, and one whose body comes slowly is not', async () => {
    const half = 'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{'
    expect(await sendAndWait(bodies, 'POST /ga4gh/tes/v1/tasks', half)).toMatch(/^HTTP\/1\.1 408 [\s\S]*Nothing more of the body has come/)
    const body = JSON.stringify({ executors: [{ image: 'alpine:3', command: ['true'] }] })
    expect(await sendSlowly(bodies, body)).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('half of a body that nobody reads is cut off too, once it has its answer', async () => {
    const half = 'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{'
    expect(await sendAndWait(bodies, 'POST /nowhere', half)).toMatch(/^HTTP\/1\.1 404 /)
  })

  it('nothing more keeps nobody else from being served, however many do so', async () => {
    const slow = Array.from({ length: MANY }, sendHalf)
    for (let index = 0; index < 20; index++) expect((await call(api.port, { path: '/ga4gh/tes/v1/tasks' })).status).toBe(200)
    expect(await Promise.all(slow)).not.toContain(WAITED_FOR)
  })
})
