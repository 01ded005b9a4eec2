/**
 * A server that puts a broker below a path, as reverse proxies do: it takes the path off and passes everything else on as it came. What RFC 8414 puts
 * elsewhere, the metadata of an issuer with a path, is passed on as it is.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

export interface PathProxy extends AsyncDisposable {
  /** With the path, and without a slash at the end. */
  readonly url: string
  /** `origin`: where requests go from now on. Until then they are 502. */
  forwardTo(origin: string): void
}

/** `path`: with a slash at its beginning and none at its end. */
export async function startPathProxy(path: string): Promise<PathProxy> {
  let target: string | undefined
  const server = createServer((request, response) => {
    const passed = passOn(request.url ?? '/', path)
    if (target === undefined || passed === undefined) return void response.writeHead(target === undefined ? 502 : 404).end()
    forward(new URL(passed, target), request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${path}`,
    forwardTo(origin) {
      target = origin
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What the broker is asked; undefined: it is no business of the broker. */
function passOn(url: string, path: string): string | undefined {
  if (url === `/.well-known/oauth-authorization-server${path}`) return url
  if (url === path) return '/'
  return url.startsWith(`${path}/`) ? url.slice(path.length) : undefined
}

async function forward(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, headers } = request
  const outgoing = send(url, { method, headers })
  const answered = once(outgoing, 'response')
  await pipeline(request, outgoing)
  const [answer] = (await answered) as [IncomingMessage]
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  await pipeline(answer, response)
}
