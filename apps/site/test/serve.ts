/**
 * A server that does what one test needs.
 */

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import type { SiteOptions } from '../src/site.ts'
import { startTestSite } from './start-site.ts'

export async function serve(listener: RequestListener): Promise<AsyncDisposable & { origin: string }> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** What the site sends to the server that it stages from. */
export const FETCH_TOKEN = makeSecret('fetch')

/** Lets a site stage what the listener answers as `/in/x`, and run the command. */
export async function stage(listener: RequestListener, command: readonly string[], limits: SiteOptions['limits'] = {}) {
  await using server = await serve(listener)
  await using test = await startTestSite({ fetch: { [server.origin]: FETCH_TOKEN }, limits: { graceMs: 0, idleMs: 300, ...limits } })
  const task = await test.run({
    inputs: [{ path: '/in/x', url: `${server.origin}/x?secret=1` }],
    executors: [{ image: 'x', command: [...command] }],
  })
  return { state: task.state, stdout: task.logs?.[0]?.logs[0]?.stdout ?? '', notes: task.logs?.[0]?.system_logs?.join('\n') ?? '' }
}
