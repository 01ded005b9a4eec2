/**
 * Answers that hold texts of any length, from real servers: what remains of them, what they cost, and where they are given up.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { SiteTaskId } from '@portolan/federation'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { openSubjectTokens } from '../auth/subject-tokens.ts'
import { convertSite } from '../config/convert.ts'
import { SiteFile } from '../config/site-file.ts'
import { TrackingFile } from '../config/tracking-file.ts'
import { Secret } from '../config.ts'
import { openAccess } from '../http/access.ts'
import { createOutboundFetch } from '../http/outbound-fetch.ts'
import { capText } from '../observe/cut-text.ts'
import { type AnswerBounds, cutLongTexts } from './cut-long-texts.ts'
import type { SiteGateway } from './gateway.ts'
import { createTesGateway } from './push-gateway.ts'

const MIB = 2 ** 20
const ID = 'task-1' as SiteTaskId
const never = new AbortController().signal

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => void handler(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => {
    server.closeAllConnections()
    return new Promise(done => server.close(done))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function waysTo(origin: string) {
  const outbound = createOutboundFetch({ declaredOrigins: [origin] })
  cleanUp.push(() => outbound[Symbol.asyncDispose]())
  return outbound
}

function gatewayTo(origin: string, siteTimeoutSeconds = 30): SiteGateway {
  const file = SiteFile.parse({ id: 'a', url: origin, place: { country: 'DE' }, limits: { requestsPerSecond: 1000 } })
  const token = new Secret(makeSecret('token'))
  const gateway = createTesGateway({
    site: convertSite(file, TrackingFile.parse({ siteTimeoutSeconds }), false),
    url: origin,
    access: openAccess(origin, { kind: 'bearer', token }, { outbound: waysTo(origin), subjectTokens: openSubjectTokens, now: Date.now }),
    concurrentRequests: 4,
  })
  cleanUp.push(() => gateway[Symbol.asyncDispose]())
  return gateway
}

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

/** Bytes that are held. */
function measure(): number {
  if (typeof collectGarbage === 'function') collectGarbage({ type: 'minor' })
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

const BEFORE = `{"id":"${ID}","state":"COMPLETE","logs":[{"outputs":[],"logs":[{"exit_code":0,"stdout":"`
const BEHIND = '"}]}]}'

/** So many MiB of one text, made as they are asked for; `tell` is called between. */
function longTask(mib: number, begin = 'begin ', end = ' end', tell = (): void => undefined): Readable {
  const more = Buffer.from(
    'one more line of a log\\n'
      .repeat(45_590)
      .slice(0, MIB - 16)
      .padEnd(MIB, '.'),
  )
  return Readable.from(
    (function* () {
      yield Buffer.from(`${BEFORE}${begin}`)
      for (let sent = 0; sent < mib; sent += 1) {
        tell()
        yield more
      }
      yield Buffer.from(`${end}${BEHIND}`)
    })(),
  )
}

/** What is sent until nobody takes it any more. */
const send = (from: Readable, response: ServerResponse): Promise<unknown> =>
  pipeline(from, response.writeHead(200, { 'content-type': 'application/json' })).catch(() => undefined)

describe('a task that has written more than can be kept', () => {
  it('ends as it did, with the begin and the end of it, and needs little memory', async () => {
    const before = measure()
    let most = 0
    const tell = (): void => {
      most = Math.max(most, measure() - before)
    }
    const origin = await serve((_, response) => send(longTask(80, 'begin ', ' end', tell), response))
    const answer = await gatewayTo(origin).read(ID, 'FULL', never)
    if (answer.outcome !== 'found') throw new Error(JSON.stringify(answer))
    const stdout = answer.log?.logs[0]?.stdout ?? ''
    expect([answer.state, stdout.slice(0, 10), stdout.slice(-4), capText(stdout) === stdout]).toEqual([
      'COMPLETE',
      'begin one ',
      ' end',
      true,
    ])
    const leftOut = Number(/\n\[(\d+) characters left out\]\n/.exec(stdout)?.[1])
    expect(leftOut).toBeGreaterThan(70 * MIB)
    // Some of it is on its way, in sockets and streams of the test too.
    expect(most).toBeLessThan(24 * MIB)
  })

  it('is seen as far while it runs', async () => {
    const origin = await serve((_, response) => send(longTask(4), response))
    const answer = await gatewayTo(origin).readLog(ID, never)
    if (answer.outcome !== 'found') throw new Error(JSON.stringify(answer))
    const stdout = answer.log?.logs[0]?.stdout ?? ''
    expect([stdout.slice(0, 6), stdout.slice(-4), capText(stdout) === stdout]).toEqual(['begin ', ' end', true])
  })

  it('T10 shows nothing of a credential that was cut, wherever that was', async () => {
    const token = makeSecret('token')
    const told = `Authorization: Bearer ${token} `.repeat(16_000)
    let shift = 0
    const origin = await serve((_, response) => send(longTask(1, '.'.repeat(shift) + told, told + '.'.repeat(shift)), response))
    const gateway = gatewayTo(origin)
    for (; shift < token.length + 22; shift += 5) {
      const answer = await gateway.read(ID, 'FULL', never)
      if (answer.outcome !== 'found') throw new Error(JSON.stringify(answer))
      const stdout = answer.log?.logs[0]?.stdout ?? ''
      expect(stdout).toContain('characters left out')
      const shown = stdout.replaceAll('Authorization: Bearer [hidden]', '')
      expect([shown.includes(token.slice(0, 5)), shown.includes(token.slice(-5))]).toEqual([false, false])
    }
  })

  it('is given up within the time of a request', async () => {
    const closed = Promise.withResolvers<void>()
    const origin = await serve((_, response) => {
      response.once('close', () => closed.resolve())
      response.writeHead(200, { 'content-type': 'application/json' }).write(`${BEFORE}${'x'.repeat(MIB)}`)
    })
    expect(await gatewayTo(origin, 0.2).read(ID, 'FULL', never)).toMatchObject({ outcome: 'failed', failure: { kind: 'timeout' } })
    await closed.promise
  })
})

describe('T10 an answer', () => {
  const ask = async (origin: string, bounds?: AnswerBounds): Promise<Response> =>
    await cutLongTexts(waysTo(origin).stream, { write: characters => `[${characters}]` }, bounds)(`${origin}/tasks`, { method: 'GET' })
  const task = JSON.stringify({ id: ID, text: 'ä'.repeat(500_000) })

  it.each([
    ['as it is', 'identity', (text: string) => Buffer.from(text)],
    ['in gzip', 'gzip', gzipSync],
    ['in deflate', 'deflate', deflateSync],
    ['in brotli', 'br', brotliCompressSync],
  ])('is read %s', async (_name, coding, encode) => {
    const asked: unknown[] = []
    const origin = await serve((request, response) => {
      asked.push(request.headers['accept-encoding'])
      response.writeHead(200, { 'content-encoding': coding }).end(encode(task))
    })
    const read: unknown = await (await ask(origin)).json()
    expect(read).toEqual({ id: ID, text: expect.stringMatching(/^ä{98304}\[172320\]ä{229376}$/) })
    expect(asked).toEqual(['gzip, deflate, br'])
  })

  const rows: readonly [string, (response: ServerResponse) => unknown, RegExp][] = [
    ['in another coding', response => response.writeHead(200, { 'content-encoding': 'zstd' }).write('x'), /content coding/],
    ['that is none of its coding', response => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'.repeat(100)), /decoded/],
    [
      'that is cut off in its coding',
      response => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(task).subarray(0, 50)),
      /decoded/,
    ],
    [
      'that unpacks to far more',
      response => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(8 * MIB))),
      /more than 1048576/,
    ],
    ['of many short texts', response => send(Readable.from(Array(64).fill('["x"],'.repeat(10_000))), response), /more than 1048576/],
    ['with a text without end', response => send(longTask(1_000), response), /more than 4194304/],
  ]
  it.each(rows)('%s is unreadable, and let go', async (_name, answer, words) => {
    const closed = Promise.withResolvers<void>()
    const origin = await serve((_request, response) => {
      response.once('close', () => closed.resolve())
      return answer(response)
    })
    const failure: unknown = await ask(origin, { readBytes: 4 * MIB, keptBytes: MIB }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'unreadable', status: 200, message: expect.stringMatching(words) })
    await closed.promise
  })

  it('that breaks off is a broken connection', async () => {
    const origin = await serve((_, response) => {
      response
        .writeHead(200, { 'content-length': '100', 'content-encoding': 'gzip' })
        .write(gzipSync('x').subarray(0, 8), () => response.destroy())
    })
    await expect(ask(origin)).rejects.toMatchObject({ code: 'connection_lost' })
  })

  it('that wants a certificate says that it has looked at no request', async () => {
    const page = '<html><head><title>400 No required SSL certificate was sent</title></head></html>'
    const origin = await serve((_, response) => response.writeHead(400).end(page))
    await expect(ask(origin)).rejects.toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
  })

  it('without a body is what it is', async () => {
    const origin = await serve((_, response) => response.writeHead(204).end())
    const answer = await ask(origin)
    expect([answer.status, answer.body]).toEqual([204, null])
  })
})
