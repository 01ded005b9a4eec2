/**
 * Bytes of any length through the one way out, in both directions, against real servers.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Fetch } from '@portolan/ga4gh'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { createOutboundFetch, type OutboundOptions } from './outbound-fetch.ts'

const MIB = 2 ** 20

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer(handler as RequestListener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => {
    server.closeAllConnections()
    return new Promise(done => server.close(done))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function open(origins: readonly string[], options: Partial<OutboundOptions> = {}): Fetch {
  const made = createOutboundFetch({ declaredOrigins: origins, ...options })
  cleanUp.push(() => made[Symbol.asyncDispose]())
  return made.stream
}

/** So many MiB, made as they are asked for. */
function streamOf(count: number, told: { cancelled?: boolean; made?: number } = {}): ReadableStream<Uint8Array> {
  let sent = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (sent++ < count) controller.enqueue(new Uint8Array(MIB))
        else controller.close()
        told.made = sent
      },
      cancel() {
        told.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
}

describe('a stream', () => {
  it('sends as much as there is, and holds little of it', async () => {
    const told = { made: 0 }
    let held = 0
    const origin = await serve(async (request, response) => {
      let bytes = 0
      for await (const chunk of request) {
        bytes += chunk.length
        held = Math.max(held, told.made - Math.floor(bytes / MIB))
      }
      response.end(`${bytes} ${request.headers['content-length']}`)
    })
    const headers = { 'content-length': String(256 * MIB) }
    const answer = await open([origin])(`${origin}/x`, { method: 'PUT', headers, body: streamOf(256, told) })
    expect(await answer.text()).toBe(`${256 * MIB} ${256 * MIB}`)
    // What was asked for and has not arrived lies in sockets and buffers on the way.
    expect(held).toBeLessThan(64)
  })

  it('is there as soon as its head is, and goes on as it is read', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '2' }).write('a')
      cleanUp.push(() => response.destroy())
    })
    const answer = await open([origin])(origin, {})
    expect(answer.status).toBe(200)
    const reader = answer.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('a')
    await reader?.cancel()
  })

  it('keeps nothing of what nobody reads', async () => {
    let written = 0
    const origin = await serve(async (_request, response) => {
      response.writeHead(200, { 'content-length': String(256 * MIB) })
      response.on('error', () => undefined)
      for (; written < 256 && !response.destroyed; written++) {
        if (!response.write(new Uint8Array(MIB))) await Promise.race([once(response, 'drain'), once(response, 'close')])
      }
      response.end()
    })
    const answer = await open([origin], { timeouts: { idleMs: 300 } })(origin, {})
    await expect(answer.body?.getReader().closed).rejects.toMatchObject({ code: 'timeout' })
    expect(written).toBeLessThan(64)
  })

  it('is not decoded', async () => {
    const coded = gzipSync('text')
    const origin = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(coded))
    const answer = await open([origin])(origin, {})
    expect(Buffer.from(await answer.arrayBuffer()).equals(coded)).toBe(true)
  })

  it('that nobody wants any more ends at the server', async () => {
    const closed = Promise.withResolvers<void>()
    const origin = await serve((_request, response) => {
      response.once('close', () => closed.resolve())
      response.writeHead(200, { 'content-length': '100' }).write('x')
    })
    const answer = await open([origin])(origin, {})
    await answer.body?.cancel()
    await closed.promise
  })

  it('that is refused lets go what was to be sent', async () => {
    const told = { cancelled: false }
    const origin = await serve((_request, response) => response.writeHead(403, { connection: 'close' }).end('no'))
    const headers = { 'content-length': String(64 * MIB) }
    const sent = open([origin])(origin, { method: 'PUT', headers, body: streamOf(64, told) })
    // A server that hangs up while it is sent to may have its answer lost on the way.
    await sent.then(
      answer => answer.text(),
      () => undefined,
    )
    await expect.poll(() => told.cancelled).toBe(true)
  })

  it.each([
    ['before the head of the answer', false],
    ['in the middle of the answer', true],
  ])('that stands still %s ends', async (_when, speaks) => {
    const origin = await serve((_request, response) => {
      if (speaks) response.writeHead(200, { 'content-length': '2' }).write('a')
    })
    const asked = open([origin], { timeouts: { idleMs: 200 } })(origin, {}).then(answer => answer.text())
    await expect(asked).rejects.toMatchObject({ code: 'timeout' })
  })

  it('that is refused before it was sent leaves no rest of it for the next one', async () => {
    const came: number[] = []
    const origin = await serve(async (request, response) => {
      if (request.url === '/refused') {
        request.resume()
        return response.writeHead(503).end()
      }
      let bytes = 0
      for await (const chunk of request) bytes += (chunk as Buffer).length
      came.push(bytes)
      return response.end()
    })
    const stream = open([origin], { maxSockets: 1 })
    const put = async (path: string, mib: number): Promise<number> => {
      const headers = { 'content-length': String(mib * MIB) }
      const answer = await stream(`${origin}${path}`, { method: 'PUT', headers, body: streamOf(mib), signal: AbortSignal.timeout(3_000) })
      await answer.text()
      return answer.status
    }
    for (let round = 0; round < 5; round++) expect([await put('/refused', 16), await put('/taken', 1)]).toEqual([503, 200])
    expect(came).toEqual(Array(5).fill(MIB))
  })

  it('whose answer is cut off breaks for who reads', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy())
    })
    const answer = await open([origin])(origin, {})
    await expect(answer.text()).rejects.toMatchObject({ code: 'connection_lost' })
  })

  it('has no body where there is none, and leaves its connection to others', async () => {
    const origin = await serve((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'x-a': 'b' }).end()
    })
    const stream = open([origin], { maxSockets: 1 })
    for (const method of ['HEAD', 'GET', 'HEAD']) expect((await stream(origin, { method })).body).toBeNull()
  })

  it('T15 T10 goes nowhere that a short request may not go, and takes no credential there', async () => {
    let reached = 0
    const origin = await serve((request, response) => {
      reached++
      response.writeHead(request.url === '/next' ? 200 : 307, { location: '/next' }).end()
    })
    for (const address of [origin, origin.replace('127.0.0.1', 'localhost'), origin.replace('127.0.0.1', '2130706433')])
      await expect(open([])(address, {})).rejects.toMatchObject({ code: 'unreachable', delivery: 'not_sent' })
    const headers = { authorization: `Bearer ${makeSecret('token')}` }
    await expect(open([])('https://elsewhere.example/', { headers })).rejects.toMatchObject({ delivery: 'not_sent' })
    expect(reached).toBe(0)
    expect((await open([origin])(origin, {})).status).toBe(307)
    expect(reached).toBe(1)
  })
})
