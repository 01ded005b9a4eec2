/**
 * The one way out of the broker: got behind the face of `fetch`. Every request has a time for each phase, follows no redirect, is sent once,
 * and reaches forbidden addresses only at declared origins. What fails is an `ApiError` that says whether the request was surely not sent.
 */
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { ApiError, type Fetch } from '@portolan/ga4gh'
import got, { type ExtendOptions, type Got, type Request } from 'got'
import { type ClientIdentity, openIdentity, tellExpiry } from './client-identity.ts'
import { type ConnectTimeouts, createGuardedAgents, type GuardedAgents } from './guarded-agents.ts'
import { openBody, readableOf } from './outbound-stream.ts'
import { refuseWithoutCertificate } from './refuse-certificate.ts'
import { toResponse } from './to-response.ts'
import { watchRequest } from './watch-request.ts'

export interface OutboundOptions {
  /** Origins of the sites and locations that operators have declared: the only ones that may lie in private networks or get a credential. */
  readonly declaredOrigins: readonly string[]
  readonly timeouts?: Partial<OutboundTimeouts> | undefined
  /** A longer answer is cut off. Default 64 MiB, counted after decompression. */
  readonly maxResponseBytes?: number | undefined
  /** Most connections to one origin; for streams as many again. Default 16. */
  readonly maxSockets?: number | undefined
  /** Further certificate authorities in PEM. */
  readonly ca?: string | undefined
  /** Asks for the addresses of a name. Default: the system. */
  readonly lookup?: LookupFunction | undefined
  /** ms since 1970. Default: the clock. */
  readonly now?: (() => number) | undefined
}

/** All in ms. */
export interface OutboundTimeouts extends ConnectTimeouts {
  /** For writing the request. */
  readonly sendMs: number
  /** From the request's last byte to the answer's first. */
  readonly responseMs: number
  /** For all of it; streams have no such bound. */
  readonly requestMs: number
  /** A stream ends after so long without a byte, in either direction. */
  readonly idleMs: number
}

export interface Ways {
  readonly fetch: Fetch
  /**
   * For bytes of any length, as they lie: the answer is there when its head is, its body comes as it is read, and a body that is a stream is sent as it
   * comes. Nothing is decoded. Who gets the answer reads its body to the end or cancels it.
   */
  readonly stream: Fetch
}

export interface Outbound extends Ways {
  /** The same with a client certificate, and to its origin only. */
  as(identity: ClientIdentity): Ways
  [Symbol.asyncDispose](): Promise<void>
}

/** The outer bounds; callers give up earlier by their own signal. */
const TIMEOUTS: OutboundTimeouts = {
  lookupMs: 5_000,
  connectMs: 5_000,
  tlsMs: 5_000,
  sendMs: 300_000,
  responseMs: 300_000,
  requestMs: 600_000,
  idleMs: 60_000,
}
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024
const MAX_SOCKETS = 16

export function createOutboundFetch(options: OutboundOptions): Outbound {
  const now = options.now ?? Date.now
  const timeouts = { ...TIMEOUTS, ...options.timeouts }
  const maxBytes = options.maxResponseBytes ?? MAX_RESPONSE_BYTES
  const declaredOrigins = new Set(options.declaredOrigins.map(origin => new URL(origin).origin))
  const guard = { declaredOrigins, timeouts, maxSockets: options.maxSockets ?? MAX_SOCKETS, ca: options.ca, lookup: options.lookup }
  const opened: GuardedAgents[] = []
  const stop = new AbortController()

  /** With agents of its own: what streams for long keeps no place from short requests. */
  function makeClient(secureContext: SecureContext | undefined, own: ExtendOptions): Got {
    const agents = createGuardedAgents({ ...guard, secureContext })
    opened.push(agents)
    return got.extend({
      agent: { http: agents.http, https: agents.https },
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      enableUnixSockets: false,
      headers: { 'user-agent': 'portolan' },
      ...own,
    })
  }

  function sendBy<Body extends Readable | Uint8Array | string>(
    client: Got,
    take: (body: RequestInit['body']) => Body,
    receive: Receive<Body>,
  ): Fetch {
    return async (href, init) => {
      const url = URL.parse(href)
      const method = (init.method ?? 'GET').toUpperCase()
      const target = `${method} ${url?.origin ?? ''}${url?.pathname ?? ''}`
      const headers = new Headers(init.headers)
      refuse(href, url, headers, declaredOrigins, target)
      const signal = init.signal ? AbortSignal.any([init.signal, stop.signal]) : stop.signal
      // Without a body of its own a POST would wait for one to be written.
      const body = method === 'GET' || method === 'HEAD' ? undefined : take(init.body)
      const stream = client.stream(href, {
        method: method as 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE',
        headers: Object.fromEntries(headers),
        signal,
        ...(body !== undefined && { body }),
      })
      return await receive(stream, method, target, body)
    }
  }

  function open(secureContext?: SecureContext): Ways {
    const short = makeClient(secureContext, {
      timeout: { send: timeouts.sendMs, response: timeouts.responseMs, request: timeouts.requestMs },
    })
    const long = makeClient(secureContext, { timeout: { socket: timeouts.idleMs, response: timeouts.idleMs }, decompress: false })
    return {
      fetch: sendBy(short, textOf, (stream, method, target) => collect(stream, method, target, maxBytes)),
      stream: sendBy(long, readableOf, openBody),
    }
  }

  return {
    ...open(),
    as(identity) {
      const bare = open(openIdentity(identity))
      const tell = (error: unknown): never => {
        throw tellExpiry(identity, error, now())
      }
      const bind =
        (send: Fetch): Fetch =>
        async (href, init) => {
          if (URL.parse(href)?.origin === identity.origin) return send(href, init).catch(tell)
          throw new ApiError('unreachable', `The client certificate for ${identity.origin} is shown nowhere else`, { delivery: 'not_sent' })
        }
      return { fetch: bind(bare.fetch), stream: bind(bare.stream) }
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('The broker is closing'))
      for (const agents of opened) agents.destroy()
    },
  }
}

/** What becomes of a request that is on its way. */
type Receive<Body> = (stream: Request, method: string, target: string, body: Body | undefined) => Promise<Response>

function textOf(body: RequestInit['body']): string {
  if (body === undefined || body === null) return ''
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString()
  throw new TypeError('Only text and forms can be sent')
}

/** Two slashes, then a host, and no sign that a reader may drop or turn into another. */
const WRITTEN = /^https?:\/\/[^/\\\s][^\\\s]*$/i

/** What is wrong before a connection is even tried. */
function refuse(href: string, url: URL | null, headers: Headers, declaredOrigins: ReadonlySet<string>, target: string): asserts url is URL {
  const fail = (message: string): never => {
    throw new ApiError('unreachable', message, { delivery: 'not_sent' })
  }
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return fail('Only http and https URLs can be asked')
  // `http:/host` and a backslash are one address to some readers and another to others.
  if (!WRITTEN.test(href)) return fail(`${target} is not written as http://HOST/PATH or https://HOST/PATH`)
  if (url.username !== '' || url.password !== '') return fail(`${target} holds a user name or password in its URL`)
  if (headers.has('authorization') && !declaredOrigins.has(url.origin)) return fail(`${target} would get a credential, and is not declared`)
}

async function collect(stream: Request, method: string, target: string, maxBytes: number): Promise<Response> {
  const watched = watchRequest(stream, target)
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength
      if (bytes > maxBytes)
        throw new ApiError('unreadable', `${target} answered more than ${maxBytes} bytes`, { status: watched.answer?.statusCode })
      chunks.push(chunk)
    }
    const { answer } = watched
    if (!answer) throw new ApiError('connection_lost', `${target} ended without an answer`)
    const body = Buffer.concat(chunks)
    refuseWithoutCertificate(answer.statusCode, body, target)
    return toResponse(answer, method, new Uint8Array(body))
  } catch (error) {
    throw watched.tell(error)
  } finally {
    stream.destroy()
  }
}
