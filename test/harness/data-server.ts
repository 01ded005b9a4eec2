/**
 * A small HTTP data server for tests: objects with a size, of which the broker asks only the size, and a log of who asked.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface DataServer extends AsyncDisposable {
  /** Origin, without a slash at the end. */
  readonly origin: string
  /** `METHOD /path` of every request. */
  readonly requests: string[]
}

/** `sizes`: path → bytes. Everything else is a 404. */
export async function startDataServer(sizes: Readonly<Record<string, number>>): Promise<DataServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const size = sizes[request.url ?? '']
    if (size === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Length': size }).end(request.method === 'HEAD' ? undefined : Buffer.alloc(size))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
