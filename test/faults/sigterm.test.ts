import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { createFakeSite } from '@portolan/tes/testing'
import { expect, it, vi } from 'vitest'
import { until } from '../harness/until.ts'
import { openFederation, TEST_TIMEOUT_MS } from './fake-federation.ts'

vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })

const CLIENTS = 32
const BODY = JSON.stringify({ executors: [{ image: 'alpine', command: ['true'] }] })

interface Exchange {
  readonly sentAt: number
  /** Absent: no byte of an answer came. */
  readonly status?: number | undefined
  /** True if the whole body came. */
  readonly whole: boolean
  readonly closes: boolean
}

/** A client with one connection: creates and lists in turn, until the broker says goodbye. */
async function work(url: string, client: number, log: Exchange[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let count = client; ; count++) {
    const exchange = await (count % 2 === 0 ? send(url, agent, 'POST', '/tasks') : send(url, agent, 'GET', '/tasks?view=FULL&page_size=50'))
    log.push(exchange)
    if (exchange.status === undefined || exchange.closes) break
  }
  agent.destroy()
}

function send(url: string, agent: Agent, method: string, path: string): Promise<Exchange> {
  return new Promise(resolve => {
    const headers = method === 'POST' ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) } : {}
    const sent = request(`${url}/ga4gh/tes/v1${path}`, { agent, method, headers }, response => {
      const { statusCode: status, headers: answered } = response
      const closes = answered.connection === 'close'
      text(response).then(
        body => resolve({ sentAt, status, whole: JSON.parse(body) !== undefined, closes }),
        () => resolve({ sentAt, status, whole: false, closes }),
      )
    })
    sent.on('error', () => resolve({ sentAt, whole: false, closes: false }))
    const sentAt = performance.now()
    sent.end(method === 'POST' ? BODY : undefined)
  })
}

it('SIGTERM under load: what had arrived is answered whole, then the connection closes, and the exit code is 0 within ten seconds', async () => {
  await using site = await createFakeSite()
  site.script.add('create', { do: 'hold', ms: 200 }, { times: Number.POSITIVE_INFINITY })
  await using federation = await openFederation({ berlin: site })
  await federation.spawn()
  const log: Exchange[] = []
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, client) => work(federation.url, client, log)))
  await until('every client is at work', () => log.length > 20 * CLIENTS)

  const endedAt = performance.now()
  const exitCode = await federation.kill('SIGTERM')
  const tookMs = performance.now() - endedAt
  await clients

  const before = log.filter(({ sentAt }) => sentAt < endedAt)
  expect(before.filter(({ status }) => status === undefined)).toEqual([])
  expect(log.filter(({ status, whole }) => status !== undefined && !whole)).toEqual([])
  expect(new Set(log.flatMap(({ status }) => status ?? []))).toEqual(new Set([200]))
  expect(log.filter(({ closes }) => closes).length).toBeGreaterThan(0)
  expect([exitCode, tookMs < 10_000]).toEqual([0, true])
})
