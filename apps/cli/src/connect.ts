/**
 * From the settings to a server that can be asked: the credential, the way out, and the base path of its TES API.
 */
import { createOutboundFetch } from '@portolan/broker/http'
import { createTesClient, discover, type TesClient } from '@portolan/tes/client'
import { type BrokerClient, createBrokerClient, rootOf } from './broker-client.ts'
import { travelsInClear } from './clear-text.ts'
import { readCredential } from './credential.ts'
import { createStreamOpener, type OpenStream } from './events/open-stream.ts'
import { credentialPath, readLogin } from './login/credential-file.ts'
import { keepLogin } from './login/keep-login.ts'
import type { Output } from './output/output.ts'
import type { Settings } from './settings.ts'
import { createByteWays } from './transfer/byte-ways.ts'
import type { ByteWays } from './transfer/output-bytes.ts'
import type { PartWays } from './transfer/send-part.ts'

export interface Connection extends AsyncDisposable {
  readonly tes: TesClient
  readonly broker: BrokerClient
  /** Of the broker's own routes. */
  readonly openStream: OpenStream
  readonly byteWays: ByteWays & PartWays
}

export interface ConnectParts {
  readonly settings: Settings
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly signal: AbortSignal
  readonly output: Output
  readonly userAgent: string
  /** Between two looks at tasks that are waited for. */
  readonly pollIntervalMs?: number | undefined
}

/** Throws an `ApiError` or a `Failure` if there is no TES server. */
export async function connect({ settings, env, cwd, signal, output, userAgent, pollIntervalMs }: ConnectParts): Promise<Connection> {
  const given = await readCredential(settings, env, cwd)
  const url = new URL(settings.url)
  const { origin } = url
  const root = rootOf(url)
  const path = given ? undefined : credentialPath(env)
  const login = path && (await readLogin(path, root))
  if ((given || login) && travelsInClear(url)) output.note(`The token goes to ${origin} unencrypted; use https.`)
  await using stack = new AsyncDisposableStack()
  // The one server that was named may lie anywhere, and gets the credential.
  const outbound = stack.use(createOutboundFetch({ declaredOrigins: [origin] }))
  const plain = { fetch: outbound.fetch, userAgent, timeoutMs: settings.timeout * 1000 }
  const keeper = path && login && stack.use(keepLogin({ path, root, login, reach: { ...plain, signal } }))
  const options = { ...plain, fetch: keeper ? keeper.wrap(plain.fetch) : plain.fetch, auth: keeper ? keeper.auth : given }
  const { url: base } = await discover(settings.url, { ...options, signal })
  const tes = createTesClient({ ...options, url: base, pollIntervalMs, pause: ms => pauseOrEnd(ms, signal) })
  const broker = createBrokerClient(tes.url, options, signal)
  const stream = keeper ? keeper.wrap(outbound.stream) : outbound.stream
  const ways = { root: rootOf(tes.url), stream, send: outbound.stream, auth: options.auth, userAgent }
  const openStream = createStreamOpener(ways)
  const byteWays = stack.use(createByteWays(ways))
  const owned = stack.move()
  return { tes, broker, openStream, byteWays, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Ends early, and well, when the signal does: whoever waits hears of it by themselves. */
function pauseOrEnd(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
