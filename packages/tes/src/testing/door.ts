/**
 * The HTTP side of a fake site: reads a request, lets the script have its way with it, carries it out and answers.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FakeRequest, type Reply, textOf } from './exchange.ts'
import { carryOut, type SiteState } from './operations.ts'
import type { Effect, Script } from './script.ts'

export interface DoorOptions extends SiteState {
  readonly script: Script
  readonly requests: FakeRequest[]
  readonly token: string | undefined
}

export function createDoor(site: DoorOptions): RequestListener {
  return (req, res) => {
    serve(site, req, res).catch(() => res.destroy())
  }
}

async function serve(site: DoorOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const request = await readRequest(req, site.clock())
  site.requests.push(request)
  const refused = refuseStranger(site, request)
  if (refused) return send(res, refused)

  const effect = request.operation === 'unknown' ? undefined : site.script.take(request.operation, request.id)
  if (effect?.do === 'delay') await site.script.released
  const skipped = (effect?.do === 'answer' || effect?.do === 'hang-up') && !effect.committed
  const reply = skipped ? NOTHING : carryOut(site, request)
  await act(site, effect, reply, res)
}

const NOTHING: Reply = { status: 500, body: '' }

async function act(site: DoorOptions, effect: Effect | undefined, reply: Reply, res: ServerResponse): Promise<void> {
  switch (effect?.do) {
    case undefined:
    case 'delay':
      return send(res, reply)
    case 'answer':
      return send(res, { status: effect.status, body: textOf(effect.body), headers: effect.headers })
    case 'hang-up':
      res.destroy()
      return
    case 'hold': {
      const ms = typeof effect.ms === 'function' ? effect.ms() : effect.ms
      await (ms === undefined ? site.script.released : sleep(ms))
      return send(res, reply)
    }
    case 'drip':
      return drip(res, reply, effect.everyMs, effect.bytes)
  }
}

async function drip(res: ServerResponse, reply: Reply, everyMs: number, bytes: number | undefined): Promise<void> {
  const whole = Buffer.from(reply.body)
  res.writeHead(reply.status, { 'Content-Type': 'application/json', 'Content-Length': whole.length, ...reply.headers })
  for (let at = 0; at < whole.length && !res.destroyed; at++) {
    if (at === bytes) {
      res.destroy()
      return
    }
    res.write(whole.subarray(at, at + 1))
    await sleep(everyMs)
  }
  res.end()
}

function send(res: ServerResponse, { status, body, headers }: Reply): void {
  if (res.destroyed) return
  res.writeHead(status, {
    ...(body !== '' && { 'Content-Type': 'application/json' }),
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  })
  res.end(body)
}

/** Like TES-K, a refusal repeats the token that was sent: clients must not pass it on. */
function refuseStranger({ token, personality }: DoorOptions, { headers, operation, url }: FakeRequest): Reply | undefined {
  const sent = headers.authorization?.replace(/^Bearer /, '')
  if (token === undefined || sent === token || operation === 'service-info') return undefined
  return {
    status: 401,
    body: textOf(personality.error(401, sent ?? 'Full authentication is required', url)),
    headers: { 'WWW-Authenticate': 'Bearer' },
  }
}

const ROUTES: readonly [FakeRequest['operation'], string, RegExp][] = [
  ['service-info', 'GET', /^\/ga4gh\/tes\/v1(?:\/tasks)?\/service-info$/],
  ['create', 'POST', /^\/ga4gh\/tes\/v1\/tasks\/?$/],
  ['list', 'GET', /^\/ga4gh\/tes\/v1\/tasks\/?$/],
  ['cancel', 'POST', /^\/ga4gh\/tes\/v1\/tasks\/([^/:]+):cancel$/],
  ['get', 'GET', /^\/ga4gh\/tes\/v1\/tasks\/([^/:]+)$/],
]

async function readRequest(req: IncomingMessage, at: number): Promise<FakeRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(Buffer.from(chunk))
  const { method = 'GET', url = '/', headers } = req
  const path = url.split('?', 1)[0] ?? '/'
  const route = ROUTES.find(([, verb, pattern]) => verb === method && pattern.test(path))
  const id = route?.[2].exec(path)?.[1]
  return {
    operation: route?.[0] ?? 'unknown',
    method,
    url,
    id: id && decodeURIComponent(id),
    headers,
    body: Buffer.concat(chunks).toString(),
    at,
  }
}
