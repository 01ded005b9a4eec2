import { once } from 'node:events'
import { Agent, createServer, type RequestListener, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { createDrain, type Drain } from './drain.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

async function serve(listener: RequestListener): Promise<{ drain: Drain; port: number; server: Server }> {
  const server = createServer(listener)
  const drain = createDrain(server)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { drain, server, port: (server.address() as AddressInfo).port }
}

function open(port: number): { socket: Socket; received: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  return { socket, received: text(socket).catch(() => '') }
}

/** Sends requests one after another until the server takes no more; answers that were cut are failures, refused connections are the end. */
async function hammer(port: number, onAnswer: () => void): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let cut = 0
  for (;;) {
    const call = request({ port, host: '127.0.0.1', agent, method: 'POST', path: '/', headers: { 'content-length': 4 } })
    call.end('body')
    try {
      const [answer] = await once(call, 'response')
      const body = await text(answer)
      if (body === 'x'.repeat(20_000)) onAnswer()
      else cut += 1
    } catch (error) {
      // A request that was never taken is no broken promise: nothing of it was answered.
      if (call.reusedSocket && (error as { code?: string }).code === 'ECONNRESET') continue
      return cut
    }
  }
}

describe('draining', () => {
  it('gives every request of 32 busy clients its whole answer', async () => {
    let taken = 0
    let answered = 0
    const { drain, port } = await serve((req, res) => {
      taken += 1
      req.resume()
      req.on('end', () => setTimeout(() => res.end('x'.repeat(20_000)), 5))
    })
    const clients = Array.from({ length: 32 }, () => hammer(port, () => (answered += 1)))
    await new Promise<void>(resolve => {
      const poll = setInterval(() => {
        if (taken < 500) return
        clearInterval(poll)
        resolve()
      }, 5)
    })
    const { cut } = await drain.drain(5_000)
    expect(cut).toBe(0)
    expect((await Promise.all(clients)).every(broken => broken === 0)).toBe(true)
    expect(answered).toBe(taken)
  })

  it('waits for a request whose headers have arrived and whose body has not, and says Connection: close', async () => {
    const { drain, port, server } = await serve((req, res) => {
      req.resume()
      req.on('end', () => res.end('whole'))
    })
    const { socket, received } = open(port)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo')
    await once(server, 'request')
    const drained = drain.drain(5_000)
    socket.write('dy')
    expect(await received).toMatch(/Connection: close[\s\S]*whole/)
    expect(await drained).toEqual({ cut: 0 })
  })

  it('answers what was in the kernel when it began, and both of two pipelined requests', async () => {
    const { drain, port, server } = await serve((req, res) => setTimeout(() => res.end(`answer to ${req.url}\n`), 20))
    const { socket, received } = open(port)
    await once(server, 'connection')
    socket.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n')
    const drained = drain.drain(5_000)
    expect((await received).match(/answer to \/\d/g)).toEqual(['answer to /1', 'answer to /2'])
    expect(await drained).toEqual({ cut: 0 })
  })

  it('lets go of idle connections and half-sent heads', async () => {
    const { drain, port, server } = await serve((_req, res) => res.end('ok'))
    const idle = open(port)
    const half = open(port)
    idle.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(server, 'request')
    half.socket.write('GET / HTTP/1.1\r\nHos')
    const begun = Date.now()
    expect(await drain.drain(20_000)).toEqual({ cut: 0 })
    expect(Date.now() - begun).toBeLessThan(15_000)
    expect(await half.received).toBe('')
    expect(await idle.received).toMatch(/ok/)
  })

  it('cuts what is not done at the deadline and says how much', async () => {
    const { drain, port, server } = await serve(() => undefined)
    open(port).socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(server, 'request')
    expect(await drain.drain(150)).toEqual({ cut: 1 })
  })

  it('takes no new connection', async () => {
    const { drain, port } = await serve((_req, res) => res.end())
    await drain.drain(1_000)
    const [error] = await once(connect(port, '127.0.0.1'), 'error')
    expect((error as { code?: string }).code).toBe('ECONNREFUSED')
  })
})
