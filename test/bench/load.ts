/**
 * A bounded load on one server: so many connections, each with one request at a time, written by hand so that the client costs little.
 */
import { connect } from 'node:net'
import { POST_REQUEST } from './task.ts'

export interface Load {
  readonly port: number
  readonly connections: number
  readonly ms: number
  /** Each connection waits so long between an answer and the next request. Default: not at all. */
  readonly pauseMs?: number | undefined
  /** The next request, whole. */
  readonly next: () => string
}

export interface LoadResult {
  readonly perSecond: number
  /** Milliseconds. */
  readonly latencies: readonly number[]
  /** Bodies of the last answers, one a connection. */
  readonly bodies: readonly string[]
}

/** Rejects if any answer is not 200. */
export async function applyLoad({ port, connections, ms, pauseMs, next }: Load): Promise<LoadResult> {
  const latencies: number[] = []
  const begun = performance.now()
  const bodies = await Promise.all(Array.from({ length: connections }, () => keepAsking(port, next, begun + ms, pauseMs, latencies)))
  return {
    perSecond: (latencies.length * 1_000) / (performance.now() - begun),
    latencies,
    bodies,
  }
}

/** The body of one answer. */
export async function readBody(port: number, request: string): Promise<string> {
  const { bodies } = await applyLoad({ port, connections: 1, ms: 0, next: () => request })
  return bodies[0] ?? ''
}

/** Creates at least so many tasks and answers their ids. */
export async function createTasks(port: number, count: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < count) {
    const { bodies } = await applyLoad({ port, connections: 250, ms: 0, next: () => POST_REQUEST })
    for (const body of bodies) ids.push(JSON.parse(body).id)
  }
  return ids
}

function keepAsking(port: number, next: () => string, until: number, pauseMs: number | undefined, latencies: number[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    let received = ''
    let sentAt = 0
    const send = (): void => {
      sentAt = performance.now()
      socket.write(next())
    }
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1')
      const headEnd = received.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1])
      if (received.length < headEnd + 4 + length) return
      if (!received.startsWith('HTTP/1.1 200')) return void socket.destroy(new Error(received.slice(0, 500)))
      const body = received.slice(headEnd + 4)
      received = ''
      const now = performance.now()
      latencies.push(now - sentAt)
      if (now < until && pauseMs === undefined) send()
      else if (now < until) setTimeout(send, pauseMs)
      else socket.end(() => resolve(body))
    })
  })
}
