/**
 * JSON over an injected `fetch`. Every request has a timeout, follows the caller's signal, stays at its origin and follows no redirect.
 * A GET is tried again after failures that pass; anything else is sent once and never repeated.
 */
import type { AuthHeaders, AuthProvider } from './auth.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import { ApiError } from './errors.ts'
import { describeNetworkFailure } from './network-failure.ts'
import { describeRefusal, parseJson, readText, requestIdOf } from './response.ts'
import { delayBeforeRetry, isTransient, pause } from './retry.ts'
import { secretsOf } from './secrets-of.ts'
import { buildUrl, parseBaseUrl, type Query } from './url.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface TransportOptions {
  /** The base to which the paths of the standard are appended, for instance `https://host/ga4gh/tes/v1`. */
  readonly baseUrl: string | URL
  /** Default: the global one. */
  readonly fetch?: Fetch | undefined
  readonly auth?: AuthProvider | undefined
  /** For one try, from its start to the last byte of the answer. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** Further tries of a GET. Default 2. */
  readonly maxRetries?: number | undefined
  readonly userAgent?: string | undefined
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A longer answer is refused as `unreadable`. Default 64 MiB. */
  readonly maxResponseBytes?: number | undefined
}

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base URL, already escaped (see `pathSegment`). */
  readonly path: string
  readonly query?: Query | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as a form (`application/x-www-form-urlencoded`) in place of a body: what OAuth servers take. */
  readonly form?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
  readonly maxRetries?: number | undefined
}

export interface TransportResponse {
  readonly status: number
  readonly headers: Headers
  readonly requestId: string | undefined
  readonly text: string
  /** The body as JSON. Throws an `ApiError` with code `unreadable` if it is none. */
  json(): unknown
}

export interface Transport {
  readonly baseUrl: URL
  /** Resolves for 2xx only; anything else is an `ApiError`. */
  request(request: TransportRequest): Promise<TransportResponse>
}

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_RETRIES = 2
const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024 * 1024

export function createTransport(options: TransportOptions): Transport {
  const baseUrl = parseBaseUrl(options.baseUrl)
  const send: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const maxBytes = options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES

  async function attempt(request: TransportRequest): Promise<TransportResponse> {
    const url = buildUrl(baseUrl, request.path, request.query)
    const target = `${request.method} ${url.origin}${url.pathname}`
    if (request.signal?.aborted) throw notSent(target, request.signal.reason)
    const deadline = startDeadline(request.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS, request.signal, target)
    try {
      const credential = await readCredential(url, deadline, target)
      const init = initFor(request, options, credential, deadline.signal, target)
      const secrets = secretsOf(Object.values(credential), longValues(request.form ?? {}))
      const answer = async () => readAnswer(await send(url.href, init), target, secrets, maxBytes)
      return await deadline.bound(answer())
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.delivery === 'not_sent') throw thrown
      throw deadline.stopped() ?? describeNetworkFailure(thrown, target)
    } finally {
      deadline.end()
    }
  }

  async function readCredential(url: URL, deadline: Deadline, target: string): Promise<AuthHeaders> {
    const asked = async () => (options.auth ? await options.auth({ url, signal: deadline.signal }) : {})
    const credential = await deadline.bound(asked()).catch((cause: unknown) => {
      throw withoutCredential(target, deadline.stopped(), cause)
    })
    if (Object.entries(credential).every(isHeader)) return credential
    const message = `The credential for ${target} holds a character that no header can carry`
    throw new ApiError('unauthorized', message, { delivery: 'not_sent' })
  }

  return {
    baseUrl,
    async request(request) {
      const retries = request.method === 'GET' ? (request.maxRetries ?? options.maxRetries ?? DEFAULT_RETRIES) : 0
      for (let tried = 0; ; tried++) {
        try {
          return await attempt(request)
        } catch (error) {
          if (!(error instanceof ApiError) || tried >= retries || !isTransient(error)) throw error
          await pause(delayBeforeRetry(tried, error.retryAfterMs, Math.random()), request.signal).catch(reason => {
            throw notSent(`GET ${baseUrl.origin}`, reason)
          })
        }
      }
    },
  }
}

function notSent(target: string, reason: unknown): ApiError {
  return new ApiError('aborted', `${target} was aborted before it was sent`, { delivery: 'not_sent', cause: reason })
}

function withoutCredential(target: string, stopped: ApiError | undefined, cause: unknown): ApiError {
  const code = stopped?.code ?? 'unauthorized'
  return new ApiError(code, stopped?.message ?? `There is no credential for ${target}`, { delivery: 'not_sent', cause })
}

/** As every server and every `fetch` takes it. */
function isHeader([name, value]: readonly [string, string]): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
}

function initFor(
  request: TransportRequest,
  options: TransportOptions,
  credential: AuthHeaders,
  signal: AbortSignal,
  target: string,
): RequestInit {
  const given = { accept: 'application/json', ...options.headers, ...request.headers, ...credential }
  const bad = [...Object.entries(given), ['user-agent', options.userAgent ?? ''] as const].find(header => !isHeader(header))
  // The value is not repeated: it may be a secret.
  if (bad) throw new ApiError('bad_request', `The header ${bad[0]} of ${target} cannot be sent as it is`, { delivery: 'not_sent' })
  const headers = new Headers(given)
  if (options.userAgent) headers.set('user-agent', options.userAgent)
  const init: RequestInit = { method: request.method, headers, signal, redirect: 'manual' }
  if (request.form !== undefined) {
    headers.set('content-type', 'application/x-www-form-urlencoded')
    return { ...init, body: new URLSearchParams(request.form).toString() }
  }
  if (request.body === undefined) return init
  headers.set('content-type', 'application/json')
  return { ...init, body: JSON.stringify(request.body) }
}

async function readAnswer(response: Response, target: string, secrets: readonly string[], maxBytes: number): Promise<TransportResponse> {
  if (response.type === 'opaqueredirect') {
    throw new ApiError('redirected', `${target} answered with a redirect, and redirects are not followed`)
  }
  if (!response.ok) {
    // The status alone decides, so a refusal stays one even if its text is cut off.
    const body = await readText(response, maxBytes).catch(() => '')
    throw describeRefusal(response, body, target, secrets, Date.now())
  }
  const text = await readText(response, maxBytes)
  const requestId = requestIdOf(response, secrets)
  return {
    status: response.status,
    headers: response.headers,
    requestId,
    text,
    json() {
      const value = parseJson(text)
      if (value === undefined)
        throw new ApiError('unreadable', `${target} answered ${response.status} with a body that is not JSON`, {
          status: response.status,
          requestId,
        })
      return value
    },
  }
}

const SHORTEST_SECRET = 32

/** The values of a form that may be secrets: what is shorter can be guessed, or is a word. */
function longValues(form: Readonly<Record<string, string>>): string[] {
  return Object.values(form).filter(value => value.length >= SHORTEST_SECRET)
}
