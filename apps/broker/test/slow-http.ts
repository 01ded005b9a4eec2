/**
 * An HTTP data server that thinks before each answer. Every path is a file of as many bytes as its name has letters, but for `/missing…`.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'

export interface SlowHttp extends AsyncDisposable {
  readonly origin: string
  /** `METHOD /path`, in the order in which they came. */
  readonly requests: readonly string[]
  mostAtOnce(): number
}

export async function startSlowHttp(latencyMs: number): Promise<SlowHttp> {
  const requests: string[] = []
  let open = 0
  let most = 0
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    most = Math.max(most, ++open)
    void later(latencyMs).then(() => {
      open -= 1
      const path = request.url ?? '/'
      response.writeHead(path.startsWith('/missing') ? 404 : 200, { 'content-length': path.length - 1 }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    mostAtOnce: () => most,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
