/**
 * Draining: how an HTTP server ends under load without breaking a promise.
 *
 * No new connection is taken. Every request whose headers had arrived gets its whole answer and then `Connection: close`; a connection without
 * one is closed after a short grace, in which bytes that the kernel already holds become requests. What is left at the deadline is cut.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'

const GRACE_MS = 100

export interface Drain {
  /** Resolves when the last connection is closed. `cut`: how many answers had to be broken off at the deadline. */
  drain(deadlineMs: number): Promise<{ readonly cut: number }>
}

interface Connection {
  /** The newest request in progress: only its answer may end the connection. A field, since `start/collector.ts` says what a busy Map costs. */
  newest: ServerResponse | undefined
}

/** Call before the server takes its first connection. */
export function createDrain(server: Server): Drain {
  const connections = new Map<Socket, Connection>()
  let phase: 'open' | 'grace' | 'closing' = 'open'

  server.on('connection', (socket: Socket) => {
    connections.set(socket, { newest: undefined })
    socket.once('close', () => connections.delete(socket))
  })

  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(socket)
    if (!connection) return
    const earlier = connection.newest
    connection.newest = response
    if (phase !== 'open') {
      if (earlier && !earlier.headersSent) earlier.shouldKeepAlive = true
      response.shouldKeepAlive = false
    }
    response.once('close', () => {
      if (connection.newest !== response) return
      connection.newest = undefined
      if (phase === 'closing') socket.destroySoon()
    })
  })

  const closeIdle = (): void => {
    phase = 'closing'
    for (const [socket, { newest }] of connections) if (!newest) socket.destroySoon()
  }

  return {
    drain(deadlineMs) {
      phase = 'grace'
      for (const { newest } of connections.values()) if (newest) newest.shouldKeepAlive = false
      return new Promise(resolve => {
        let cut = 0
        const grace = setTimeout(closeIdle, Math.min(GRACE_MS, deadlineMs))
        const deadline = setTimeout(() => {
          for (const [socket, { newest }] of connections) {
            if (newest) cut += 1
            socket.destroy()
          }
        }, deadlineMs)
        // The close() of an HTTP server would also cut connections on which a request is waiting to be read.
        NetServer.prototype.close.call(server, () => {
          clearTimeout(grace)
          clearTimeout(deadline)
          resolve({ cut })
        })
      })
    },
  }
}
