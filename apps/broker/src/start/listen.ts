/**
 * Opening the port.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { codeOf, StartRefused } from './start-refused.ts'

export interface ListenAt {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

/** Where the server listens from now on, as an URL without a slash at the end. Throws `StartRefused` if it cannot. */
export async function listen(server: Server, { host, port }: ListenAt): Promise<string> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw new StartRefused(describeRefusal(cause, host, port), { cause })
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no address')
  return `http://${bracket(address.address)}:${address.port}`
}

function describeRefusal(cause: unknown, host: string, port: number): string {
  const where = `${bracket(host)}:${port}`
  switch (codeOf(cause) ?? '') {
    case 'EADDRINUSE':
      return `${where} is in use by another program; end that one, or choose another port with server.port or --port`
    case 'EACCES':
      return `${where} may not be opened by this user; choose a port above 1023 with server.port or --port`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `server.host: ${host} is no address of this machine; choose another`
    default:
      return `${where} cannot be opened (${cause instanceof Error ? cause.message : String(cause)}); check server.host and server.port`
  }
}

function bracket(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
