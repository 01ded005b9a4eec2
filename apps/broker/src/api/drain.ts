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

/** Call before the server takes its first connection. */
export function createDrain(server: Server): Drain {
  const sockets = new Set<Socket>()
  /** Requests in progress, and the newest of each connection: only its answer may end the connection. */
  const newest = new Map<Socket, ServerResponse>()
  let phase: 'open' | 'grace' | 'closing' = 'open'

  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      newest.delete(socket)
    })
  })

  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const earlier = newest.get(socket)
    newest.set(socket, response)
    if (phase !== 'open') {
      if (earlier && !earlier.headersSent) earlier.shouldKeepAlive = true
      response.shouldKeepAlive = false
    }
    response.once('close', () => {
      if (newest.get(socket) !== response) return
      newest.delete(socket)
      if (phase === 'closing') socket.destroySoon()
    })
  })

  const closeIdle = (): void => {
    phase = 'closing'
    for (const socket of sockets) if (!newest.has(socket)) socket.destroySoon()
  }

  return {
    drain(deadlineMs) {
      phase = 'grace'
      for (const response of newest.values()) response.shouldKeepAlive = false
      return new Promise(resolve => {
        let cut = 0
        const grace = setTimeout(closeIdle, Math.min(GRACE_MS, deadlineMs))
        const deadline = setTimeout(() => {
          cut = newest.size
          for (const socket of sockets) socket.destroy()
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
