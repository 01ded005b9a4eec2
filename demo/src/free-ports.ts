/**
 * Ports for servers whose addresses must be known before they start, or that start again at the same address.
 *
 * They lie below those that a system gives out by itself (RFC 6335, section 6; Linux begins at 32768), so no connection and no server on port 0 takes
 * one of them in between.
 */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

const FIRST = 12_000
const LAST = 32_000
const MOST_TRIES = 100

/** Each of them was free on the loopback interface just now. Rejects where none is found. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = []
  try {
    const ports: number[] = []
    for (let tries = 0; ports.length < count; tries++) {
      if (tries >= MOST_TRIES + count) throw new Error(`No free ports from ${FIRST} to ${LAST}`)
      const port = randomInt(FIRST, LAST)
      const server = await hold(port)
      if (server === undefined) continue
      held.push(server)
      ports.push(port)
    }
    return ports
  } finally {
    await Promise.all(held.map(server => new Promise(resolve => server.close(resolve))))
  }
}

/** Undefined: somebody else has it. */
async function hold(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}
