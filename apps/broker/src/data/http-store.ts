/**
 * The object store of a location that is an HTTP data server: HEAD, ranges, the JSON index that our own data servers give, and PUT of whole files.
 * It is asked at the location's origin alone, with the location's credential, sixteen short requests at once.
 */

import type { LocationId } from '@portolan/federation'
import PQueue from 'p-queue'
import type { StreamAccess } from '../http/access.ts'
import { withFreshToken } from '../http/fresh-token.ts'
import { factsOfHead, factsOfRange, readSpan } from './http-facts.ts'
import { createHttpIndex } from './http-index.ts'
import { createHttpUploads } from './http-uploads.ts'
import type { ByteRange, ObjectStore, StoreAnswer, StoreQuestions, Turn } from './object-store.ts'
import { answerOfStatus, describeStoreError, found, unsupported } from './store-failure.ts'
import { PRIORITY, REQUEST_MS, REQUESTS_AT_ONCE } from './store-limits.ts'

export interface HttpStoreOptions {
  readonly location: LocationId
  readonly origin: string
  readonly access: StreamAccess
  /** Whether everybody may read there, by the URLs as they are. */
  readonly open: boolean
  /** ms since 1970. */
  readonly now: () => number
}

/** Sends one request and makes an answer of the response. */
export type HttpAsk = <T>(request: HttpRequest, signal: AbortSignal, take: Take<T>) => Promise<StoreAnswer<T>>
type Take<T> = (response: Response) => StoreAnswer<T> | Promise<StoreAnswer<T>>

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: ReadableStream<Uint8Array> | undefined
  /** A status that is as good as success. */
  readonly takes?: number | undefined
}

export function createHttpStore({ location, origin, access, open, now }: HttpStoreOptions): ObjectStore {
  const queue = new PQueue({ concurrency: REQUESTS_AT_ONCE })
  const refused = unsupported('it is no URL of one file at this location')

  async function send(way: 'fetch' | 'stream', { method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<Response> {
    const credential = access.auth ? await access.auth({ url: new URL(url), signal }) : {}
    // Coded bodies would tell the size of the code.
    const all = { 'accept-encoding': 'identity', ...headers, ...credential }
    return access[way](url, { method, headers: all, signal, ...(body && { body }) })
  }

  async function answer<T>(way: 'fetch' | 'stream', request: HttpRequest, signal: AbortSignal, take: Take<T>): Promise<StoreAnswer<T>> {
    try {
      // A stream that was sent is gone, and a file that arrived in part is none.
      const response = request.body ? await send(way, request, signal) : await withFreshToken(() => send(way, request, signal))
      if (response.ok || response.status === request.takes) return await take(response)
      await response.body?.cancel()
      return answerOfStatus(response.status, origin)
    } catch (error) {
      return { outcome: 'failed', failure: describeStoreError(error, origin) }
    }
  }

  const stream: HttpAsk = (request, signal, take) => answer('stream', request, signal, take)
  const askIn = (turn: Turn): HttpAsk => {
    const late: StoreAnswer<never> = { outcome: 'failed', failure: { kind: 'timeout', detail: `${origin} gave no answer in time` } }
    const priority = PRIORITY[turn]
    return async (request, signal, take) => {
      const send = () => answer('fetch', request, AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]), take)
      return await queue.add(send, { signal, priority }).catch(() => late)
    }
  }

  /** As it is sent; undefined for what lies elsewhere. */
  function addressOf(url: string): string | undefined {
    const parsed = URL.parse(url)
    return parsed?.origin === origin && parsed.hash === '' ? parsed.href : undefined
  }

  const headBy =
    (ask: HttpAsk): ObjectStore['head'] =>
    async (url, signal) => {
      const at = addressOf(url)
      if (at === undefined || at.endsWith('/')) return refused
      const said = await ask({ method: 'HEAD', url: at }, signal, ({ headers }) => found(factsOfHead(url, headers)))
      if (said.outcome === 'found' && said.value !== undefined) return found(said.value)
      const isMute = said.outcome === 'found' || (said.outcome === 'failed' && said.failure.kind === 'unsupported')
      if (!isMute) return said
      // Where HEAD tells nothing, the first byte of a range names the size of the whole; of nothing there is no range (416).
      return ask({ method: 'GET', url: at, headers: { range: 'bytes=0-0' }, takes: 416 }, signal, response => {
        const facts = factsOfRange(url, response.headers)
        return facts === undefined ? unsupported(`${origin} does not say how large it is`) : found(facts)
      })
    }

  const inTurn = (turn: Turn): StoreQuestions => {
    const ask = askIn(turn)
    return { head: headBy(ask), list: createHttpIndex({ origin, ask, addressOf }) }
  }
  const usual = inTurn('usual')

  return {
    location,
    ...usual,
    inTurn,
    async read(url, range, etag, signal) {
      const at = addressOf(url)
      if (at === undefined || at.endsWith('/')) return refused
      const headers = {
        ...(range && { range: `bytes=${range.first}-${range.last ?? ''}` }),
        ...(etag !== undefined && { 'if-match': etag }),
      }
      return stream({ method: 'GET', url: at, headers }, signal, async response => {
        const span = readSpan(response)
        const refuse = async (because: StoreAnswer<never>): Promise<StoreAnswer<never>> => {
          await response.body?.cancel()
          return because
        }
        if (etag !== undefined && span?.etag !== etag) return await refuse({ outcome: 'changed' })
        if (response.body === null || span === undefined) return await refuse(unsupported(`${origin} does not say how large it is`))
        if (span.from !== (range?.first ?? 0) || span.length > mostOf(range))
          return await refuse(unsupported(`${origin} sends no parts of files`))
        return found({ ...span, bytes: response.body })
      })
    },
    uploads: createHttpUploads({ head: (...asked) => usual.head(...asked), stream, addressOf }),
    ...(open && {
      async linkTo(url: string, lifeMs: number) {
        return { url, expiresAt: now() + lifeMs }
      },
    }),
  }
}

function mostOf({ first, last = Number.POSITIVE_INFINITY }: ByteRange = { first: 0 }): number {
  return last - first + 1
}
