/**
 * A server of a test, on a free port of this machine, that reads each request to its end and remembers what credentials it was shown.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => unknown

export interface JsonServer extends AsyncDisposable {
  readonly origin: string
  /** `GET Bearer abc`, or `GET nothing`: one line a request, oldest first. */
  readonly shown: readonly string[]
}

export async function startJsonServer(handler: Handler): Promise<JsonServer> {
  const shown: string[] = []
  const server = createServer((request, response) => {
    shown.push(`${request.method} ${request.headers.authorization ?? 'nothing'}`)
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => handler(request, response, body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shown,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
