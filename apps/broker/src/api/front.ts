/**
 * What every request passes before the router: a normalised URL, the mount, the defences of open mode, CORS; and, when it is over, a line in the
 * access log and a count in the metrics. Plain node, since this runs for every poll.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { normaliseUrl, objectInOpenMode, readTarget } from '@portolan/tes/server'
import type { AccessLog } from './access-log.ts'
import type { BodyWatch } from './body-watch.ts'
import { beginExchange, type Exchange, exchangeOf } from './exchange.ts'
import type { HttpMetrics } from './http-metrics.ts'
import { findMount } from './mounts.ts'
import { Refusal } from './refusal.ts'
import { sendBare } from './send-bare.ts'

export interface FrontParts {
  readonly open: boolean
  readonly corsOrigins: ReadonlySet<string>
  readonly addressOf: (request: IncomingMessage) => string
  readonly metrics: HttpMetrics
  readonly accessLog: AccessLog
  readonly watchBody: BodyWatch
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
}

/** The status of a request whose client hung up before the answer, in log and metrics alone. */
const HUNG_UP = 499

/** Where forms are sent. In open mode nothing happens there: these routes say that there is no login. */
const FORMS = /^\/(app|portolan\/v1\/oauth)\/[a-z]+$/

/** Where bytes are put. A page of another origin cannot send PUT without asking first, and is refused then. */
const PARTS = /^\/portolan\/v1\/uploads\/[^/]+\/parts\/[^/]+$/

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Idempotency-Key, X-API-Key',
  'Access-Control-Max-Age': '600',
}

export function createFront(parts: FrontParts): (request: IncomingMessage, response: ServerResponse) => void {
  const { open, corsOrigins, addressOf, metrics, accessLog, watchBody, handle } = parts

  return (request, response) => {
    const begunAt = performance.now()
    const target = readTarget(request)
    const asked = typeof target === 'string' ? target : (request.url ?? '/')
    const queryAt = asked.indexOf('?')
    const path = queryAt < 0 ? asked : asked.slice(0, queryAt)
    const exchange: Exchange = {
      // By chance: a count would tell whoever asks twice how much others ask.
      id: randomUUID(),
      begunAt,
      path,
      address: addressOf(request),
      mount: '',
      operation: 'unknown',
      principal: undefined,
      limited: undefined,
      bodyTimer: undefined,
    }
    beginExchange(request, exchange)
    if (hasBody(request)) exchange.bodyTimer = watchBody(request, response)
    response.setHeader('X-Request-Id', exchange.id)
    // A cache on the way would give one person's answer to another: it knows of Authorization, and nothing of X-API-Key. What is for everybody says so.
    response.setHeader('Cache-Control', 'no-store')
    response.on('close', recordEnd)
    const objection = typeof target === 'string' ? open && object(request, path) : target
    if (objection) return sendBare(response, objection, exchange.id)
    if (answerCors(request, response)) return
    const { mount, url } = findMount(normaliseUrl(asked))
    exchange.mount = mount
    request.url = url
    handle(request, response)
  }

  /** One function for all requests: a closure for each would cost more than the line it writes. */
  function recordEnd(this: ServerResponse): void {
    const { id, begunAt, path, operation, limited, address, bodyTimer, begunAfterMs } = exchangeOf(this.req)
    // Of a body that nobody has read the rest is still to come, and is waited for no longer than any.
    if (bodyTimer !== undefined && (this.req.complete || this.req.destroyed)) clearInterval(bodyTimer)
    const ms = performance.now() - begunAt
    // Who leaves a stream has had their answer; how long they stayed is no time to answer.
    const status = this.writableFinished || begunAfterMs !== undefined ? this.statusCode : HUNG_UP
    metrics.observe(operation, status, begunAfterMs ?? ms)
    accessLog.write({ requestId: id, method: this.req.method ?? '', path, status, ms, limited: limited && { act: limited, address } })
  }

  function object(request: IncomingMessage, path: string): Refusal | undefined {
    const { host, origin, 'content-type': contentType } = request.headers
    const objection = objectInOpenMode({ host, origin, contentType, hasBody: hasBody(request) }, corsOrigins)
    const isOther = FORMS.test(path) || (request.method === 'PUT' && PARTS.test(path))
    if (objection?.kind === 'content-type' && isOther) return undefined
    return objection && new Refusal(objection.kind, objection.detail)
  }

  /** True if that was the whole answer: a preflight. */
  function answerCors({ method, headers: { origin } }: IncomingMessage, response: ServerResponse): boolean {
    if (origin === undefined || !corsOrigins.has(origin)) return false
    response.setHeader('Access-Control-Allow-Origin', origin)
    response.setHeader('Vary', 'Origin')
    if (method !== 'OPTIONS') return false
    response.writeHead(204, PREFLIGHT)
    response.end()
    return true
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
