/**
 * Keep-alive agents that look at the address a connection really has before any request is written. So names that change their address,
 * addresses written in odd ways, and IPv4 inside IPv6 make no difference. Only exactly declared origins may have a forbidden address.
 *
 * The agents hand over a socket only when it is connected, checked and, for https, trusted: whatever fails before is surely not sent.
 */
import http, { type AgentOptions } from 'node:http'
import https from 'node:https'
import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { isForbiddenAddress } from '@portolan/tes/server'
import { ConnectError } from './connect-error.ts'

export interface ConnectTimeouts {
  readonly lookupMs: number
  readonly connectMs: number
  readonly tlsMs: number
}

export interface GuardOptions {
  /** Origins such as `http://127.0.0.1:8000` whose address is not judged. */
  readonly declaredOrigins: ReadonlySet<string>
  readonly timeouts: ConnectTimeouts
  /** Most connections to one origin. */
  readonly maxSockets: number
  /** Further certificate authorities in PEM; absent: those of the system. */
  readonly ca?: string | undefined
}

export interface GuardedAgents {
  readonly http: http.Agent
  readonly https: https.Agent
  destroy(): void
}

type Handover = (error: Error | null, socket: Duplex) => void
type Target = http.ClientRequestArgs

function bareHost(target: Target): string {
  return String(target.host ?? target.hostname ?? '').replace(/^\[|\]$/g, '')
}

function originOf(scheme: 'http' | 'https', target: Target): string {
  const host = bareHost(target)
  const bracketed = host.includes(':') ? `[${host}]` : host
  return URL.parse(`${scheme}://${bracketed}:${target.port ?? (scheme === 'http' ? 80 : 443)}`)?.origin ?? ''
}

/** Waits for the socket through all phases, each with its time, then hands it over once, or the reason why not. */
function guard(socket: Socket, scheme: 'http' | 'https', target: Target, options: GuardOptions, handOver: Handover): void {
  const origin = originOf(scheme, target)
  let phase: ConnectError['phase'] = 'lookup'
  let timer: NodeJS.Timeout | undefined

  const settle = (error?: ConnectError): void => {
    clearTimeout(timer)
    socket.off('lookup', onLookup).off('connect', onConnect).off('secureConnect', onSecure).off('error', onError).off('close', onClose)
    if (error) {
      // Nobody else listens to this socket any more.
      socket.on('error', () => undefined)
      socket.destroy()
    }
    handOver(error ?? null, socket)
  }
  const enter = (next: ConnectError['phase'], ms: number): void => {
    clearTimeout(timer)
    phase = next
    timer = setTimeout(() => settle(new ConnectError(next, `no ${next} to ${origin} within ${ms} ms`)), ms)
  }
  const onLookup = (error: Error | null): void => {
    if (!error) enter('connect', options.timeouts.connectMs)
  }
  const onConnect = (): void => {
    if (!options.declaredOrigins.has(origin) && isForbiddenAddress(socket.remoteAddress)) {
      settle(new ConnectError('blocked', `${origin} leads to an address that the broker does not speak to, and is not declared`))
    } else if (scheme === 'https') enter('tls', options.timeouts.tlsMs)
    else settle()
  }
  const onSecure = (): void => {
    if (socket instanceof TLSSocket && !socket.authorized)
      settle(new ConnectError('tls', `${origin} has a certificate that is not trusted`))
    else settle()
  }
  const onError = (error: Error): void => {
    const code = 'code' in error ? String(error.code) : error.message
    settle(new ConnectError(phase, `no ${phase} to ${origin} (${code})`, error))
  }
  const onClose = (): void => settle(new ConnectError(phase, `${origin} closed the connection at once`))

  socket.on('lookup', onLookup).on('connect', onConnect).on('secureConnect', onSecure).on('error', onError).on('close', onClose)
  // An address needs no name service.
  if (isIP(bareHost(target)) === 0) enter('lookup', options.timeouts.lookupMs)
  else enter('connect', options.timeouts.connectMs)
}

class GuardedHttpAgent extends http.Agent {
  readonly #guard: GuardOptions
  constructor(settings: AgentOptions, options: GuardOptions) {
    super(settings)
    this.#guard = options
  }
  override createConnection(target: Target, handOver?: Handover): undefined {
    const socket = super.createConnection(target)
    guard(socket as Socket, 'http', target, this.#guard, handOver ?? (() => undefined))
    return undefined
  }
}

class GuardedHttpsAgent extends https.Agent {
  readonly #guard: GuardOptions
  constructor(settings: https.AgentOptions, options: GuardOptions) {
    super(settings)
    this.#guard = options
  }
  override createConnection(target: Target, handOver?: Handover): undefined {
    const socket = super.createConnection(target)
    guard(socket as Socket, 'https', target, this.#guard, handOver ?? (() => undefined))
    return undefined
  }
}

export function createGuardedAgents(options: GuardOptions): GuardedAgents {
  const settings = { keepAlive: true, maxSockets: options.maxSockets, maxFreeSockets: options.maxSockets, scheduling: 'lifo' } as const
  const plain = new GuardedHttpAgent(settings, options)
  const secure = new GuardedHttpsAgent({ ...settings, ...(options.ca !== undefined && { ca: options.ca }) }, options)
  return {
    http: plain,
    https: secure,
    destroy() {
      plain.destroy()
      secure.destroy()
    },
  }
}
