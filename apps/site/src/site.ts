/**
 * A small real TES 1.1 site for one machine: composition, start and end.
 *
 * Executors outlive the site: a site that is started again on the same work folder goes on with them.
 */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describeService } from './api/service-info.ts'
import { createTesApi } from './api/tes-api.ts'
import { DEFAULT_HOST, findMistakes } from './check-options.ts'
import { dataUrlOf, openDataDoor } from './data-door.ts'
import { openAccessLog } from './data-server/access-log.ts'
import { startEngine } from './engine.ts'
import { answerRequest, type FrontDoor } from './front-door.ts'
import { DEFAULT_LIMITS, OptionsRefused, type SiteOptions } from './options.ts'
import { buildRunners } from './runners/build-runners.ts'
import { lockFolder } from './store/site-lock.ts'
import { openTaskStore } from './store/task-store.ts'

export type { Access } from './data-server/access-log.ts'
export { OptionsRefused, type SiteLimits, type SiteOptions } from './options.ts'

/** How long answers under way may take when the site ends. */
const DRAIN_MS = 5_000
/** A connection on which nothing moves is closed after this time. */
const SILENCE_MS = 120_000
const KEEP_ALIVE_MS = 75_000

export interface Site extends AsyncDisposable {
  readonly id: string
  /** Without a slash at the end; the TES API is below `/ga4gh/tes/v1`. */
  readonly url: string
  /** Where its data server is: `URL/data/`. */
  readonly dataUrl: string | undefined
  /** The file with one JSON line per access to its data. */
  readonly accessLog: string
}

/** Starts a site and takes up what an earlier one left in its work folder. Throws `OptionsRefused` for options that cannot be. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const mistakes = findMistakes(options)
  if (mistakes.length > 0) throw new OptionsRefused(mistakes.join('\n'))
  const host = options.host ?? DEFAULT_HOST
  await using stack = new AsyncDisposableStack()
  stack.use(await lockFolder(options.work))
  const accessLog = stack.use(openAccessLog(join(options.work, 'access.log')))
  const store = await openTaskStore(join(options.work, 'tasks'))
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const runners = buildRunners(options)
  const slots = options.slots ?? availableParallelism()

  // The address is needed to build what answers: requests that come before wait for it.
  const door = Promise.withResolvers<FrontDoor>()
  const server = createServer((request, response) => {
    door.promise.then(
      ready => answerRequest(request, response, ready),
      () => response.destroy(),
    )
  })
  // A long upload is no fault while its bytes flow.
  server.requestTimeout = 0
  server.setTimeout(SILENCE_MS)
  // A client that looks every few seconds keeps its connection: one closed under its hands would leave a create in doubt.
  server.keepAliveTimeout = KEEP_ALIVE_MS
  stack.defer(() => closeServer(server))
  const port = await listen(server, host, options.port ?? 0)
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const bases = [address, ...(options.publicUrl === undefined ? [] : [options.publicUrl])]
  const data = options.data === undefined ? undefined : openDataDoor(options.data, accessLog, options, bases, report)
  const dataUrl = data && dataUrlOf(options.publicUrl ?? address)
  const scheduler = stack.use(await startEngine({ options, runners, slots, store, own: data?.own, report }))
  const tes = createTesApi({
    store,
    scheduler,
    holdCreateMs: options.holdCreateMs,
    maxBodyBytes: limits.maxBodyBytes,
    report,
    serviceInfo: describeService({ options, runners, slots, dataUrl, version: readVersion() }),
  })
  door.resolve({ token: options.token, data, tes })
  const owned = stack.move()
  return { id: options.id, url: address, dataUrl, accessLog: accessLog.path, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause => reject(new Error(describeRefusal(cause, host, port), { cause })))
    server.listen(port, host, () => resolve())
  })
  return (server.address() as AddressInfo).port
}

function describeRefusal(cause: Error, host: string, port: number): string {
  if ('code' in cause && cause.code === 'EADDRINUSE')
    return `${host}:${port} is in use by another program; end that one, or choose another port with --port`
  return `${host}:${port} cannot be opened (${cause.message}); check --host and --port`
}

/** Takes no new connection, lets answers under way end, then cuts what is left. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>(resolve => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const late = new AbortController()
  await Promise.race([closed, delay(DRAIN_MS, undefined, { signal: late.signal })])
  late.abort()
  server.closeAllConnections()
  await closed
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : ''
}

function report(message: string, error: unknown): void {
  process.stderr.write(`${message}: ${error instanceof Error ? error.message : String(error)}\n`)
}
