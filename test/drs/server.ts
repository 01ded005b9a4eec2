/**
 * A strict DRS server for tests: each request is judged by the contract of DRS 1.5, and so is each answer. It speaks either bulk dialect, hands out new
 * access ids at every look and takes no old ones, can ask for a token, and is late or broken when it is told to be.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import { type DrsRequest, loadDrsContract } from './contract.ts'
import { type Answer, createShelf, refuse, type ServedObject } from './shelf.ts'

export interface DrsServerOptions {
  /** By id. */
  readonly objects: Readonly<Record<string, ServedObject>>
  /** `selection`: as servers before 1.5 speak; their answers are not judged. Default `1.5`. */
  readonly dialect?: '1.5' | 'selection' | undefined
  /** Most ids in one bulk request. Default 1,000. */
  readonly mostIds?: number | undefined
  /** What `service-info` says of that. Default: the truth; null: nothing, which no answer of 1.5 may leave out. */
  readonly saidMostIds?: number | null | undefined
  /** Version in `service-info`. Default: that of the dialect. */
  readonly version?: string | undefined
  /** Asked for in all requests but `service-info`. */
  readonly token?: string | undefined
  /** Before each answer. */
  readonly latencyMs?: number | undefined
}

export interface ServedRequest {
  /** `METHOD /path?query`, below the base path. */
  readonly line: string
  readonly operation: string | undefined
  readonly authorization: string | undefined
  readonly body: unknown
}

export interface DrsServer extends AsyncDisposable {
  /** What `/objects` is appended to. */
  readonly baseUrl: string
  readonly origin: string
  /** Host and port, as they stand in `drs://HOST/ID`. */
  readonly host: string
  readonly requests: readonly ServedRequest[]
  /** What the server answered against its own contract. */
  readonly breaches: readonly string[]
  /** Looked at before each answer: another in its place, or none. */
  fault: ((request: ServedRequest) => Answer | 'hang up' | undefined) | undefined
}

const BASE = '/ga4gh/drs/v1'
const contract = loadDrsContract()

export async function startDrs(options: DrsServerOptions): Promise<DrsServer> {
  const requests: ServedRequest[] = []
  const breaches: string[] = []
  const http = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`
  const shelf = createShelf({ dialect: '1.5', mostIds: 1_000, ...options, host })

  const server: DrsServer = {
    baseUrl: `http://${host}${BASE}`,
    origin: `http://${host}`,
    host,
    requests,
    breaches,
    fault: undefined,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await read(request)
    const matched = asked.path.startsWith('/') ? contract.match(asked) : undefined
    const { authorization } = request.headers
    const seen = { line: `${asked.method} ${asked.path}`, operation: matched?.operation, authorization, body: asked.body }
    requests.push(seen)
    if (options.latencyMs !== undefined) await later(options.latencyMs)
    const fault = server.fault?.(seen)
    if (fault === 'hang up') {
      response.destroy()
      return
    }
    const { status, body, headers } = fault ?? answer(asked, matched, authorization)
    if (fault === undefined && matched !== undefined && options.dialect !== 'selection') {
      const breach = contract.judgeAnswer(body, matched.operation, status)
      if (breach !== undefined) breaches.push(`${seen.line} → ${status}: ${breach}`)
    }
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(body === undefined ? undefined : JSON.stringify(body))
  }

  function answer(asked: Asked, matched: ReturnType<typeof contract.match>, authorization: string | undefined): Answer {
    if (matched === undefined) return refuse(404, 'there is no such route')
    const malformed = asked.unreadable ?? contract.judgeRequest(asked, matched.operation)
    if (malformed !== undefined) return refuse(400, malformed)
    const open = matched.operation === 'GetServiceInfo' || matched.operation.startsWith('Options')
    if (!open && options.token !== undefined && authorization !== `Bearer ${options.token}`) return refuse(401, 'who asks?')
    return shelf.answer(matched.operation, matched.params, asked.body, new URLSearchParams(asked.path.split('?')[1] ?? ''))
  }

  return server
}

interface Asked extends DrsRequest {
  /** Why its body cannot be read. */
  readonly unreadable?: string | undefined
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const { method = 'GET', url = '/' } = request
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  const path = url.startsWith(`${BASE}/`) ? url.slice(BASE.length) : ''
  return { method, path, headers, ...readBody(Buffer.concat(chunks).toString(), request.headers['content-type']) }
}

function readBody(text: string, type = ''): Pick<Asked, 'body' | 'unreadable'> {
  if (text === '') return {}
  if (!/^application\/json\s*(;|$)/i.test(type)) return { unreadable: 'the body is not declared as application/json' }
  try {
    return { body: JSON.parse(text) }
  } catch {
    return { unreadable: 'the body is no JSON' }
  }
}
