/**
 * Keep-alive agents that judge addresses three times: the one in the URL, those that its name leads to, and the one that a connection really has
 * before any request is written. So names that change their address, addresses written in odd ways, and IPv4 inside IPv6 make no difference. Only
 * exactly declared origins may have a forbidden address.
 *
 * The agents hand over a socket only when it is connected, checked and, for https, trusted: whatever fails before is surely not sent.
 */
import http, { type AgentOptions } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import process from 'node:process'
import { Duplex } from 'node:stream'
import { type SecureContext, TLSSocket } from 'node:tls'
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
  /** Certificate authorities in PEM; absent: those of the system. */
  readonly ca?: string | undefined
  /** A client certificate with its key, and the authorities that go with it; instead of `ca`. */
  readonly secureContext?: SecureContext | undefined
  /** Asks for the addresses of a name. Default: the system. */
  readonly lookup?: LookupFunction | undefined
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

/** What OpenSSL and Node say of a server's certificate. */
const UNTRUSTED = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA)/

/** The refusal of an address. */
function block(origin: string): ConnectError {
  return new ConnectError('blocked', `${origin} leads to an address that the broker does not speak to, and is not declared`)
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
  const isForbidden = (address: string | undefined): boolean => !options.declaredOrigins.has(origin) && isForbiddenAddress(address)
  const onLookup = (error: Error | null, address: string): void => {
    if (error) return
    // One is enough: which of several addresses is taken is not ours to choose.
    if (isForbidden(address)) settle(block(origin))
    else enter('connect', options.timeouts.connectMs)
  }
  const onConnect = (): void => {
    if (isForbidden(socket.remoteAddress)) settle(block(origin))
    else if (scheme === 'https') enter('tls', options.timeouts.tlsMs)
    else settle()
  }
  const onSecure = (): void => {
    if (socket instanceof TLSSocket && !socket.authorized)
      settle(new ConnectError('tls', `${origin} has a certificate that is not trusted`))
    else settle()
  }
  const onError = (error: Error): void => {
    const code = 'code' in error ? String(error.code) : error.message
    const says = phase === 'tls' && UNTRUSTED.test(code) ? `${origin} has a certificate that is not trusted` : `no ${phase} to ${origin}`
    settle(new ConnectError(phase, `${says} (${code})`, error))
  }
  const onClose = (): void => settle(new ConnectError(phase, `${origin} closed the connection at once`))

  socket.on('lookup', onLookup).on('connect', onConnect).on('secureConnect', onSecure).on('error', onError).on('close', onClose)
  // An address needs no name service.
  if (isIP(bareHost(target)) === 0) enter('lookup', options.timeouts.lookupMs)
  else enter('connect', options.timeouts.connectMs)
}

/** The refusal of a URL that names its address itself, before anything is sent to it. */
function judgeLiteral(scheme: 'http' | 'https', target: Target, { declaredOrigins }: GuardOptions): ConnectError | undefined {
  const host = bareHost(target)
  const origin = originOf(scheme, target)
  return isIP(host) !== 0 && !declaredOrigins.has(origin) && isForbiddenAddress(host) ? block(origin) : undefined
}

class GuardedHttpAgent extends http.Agent {
  readonly #guard: GuardOptions
  constructor(settings: AgentOptions, options: GuardOptions) {
    super(settings)
    this.#guard = options
  }
  override createConnection(target: Target, handOver?: Handover): undefined {
    const tell = handOver ?? (() => undefined)
    const blocked = judgeLiteral('http', target, this.#guard)
    if (blocked) process.nextTick(() => tell(blocked, new Duplex()))
    else guard(super.createConnection(target) as Socket, 'http', target, this.#guard, tell)
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
    const tell = handOver ?? (() => undefined)
    const blocked = judgeLiteral('https', target, this.#guard)
    if (blocked) process.nextTick(() => tell(blocked, new Duplex()))
    else guard(super.createConnection(target) as Socket, 'https', target, this.#guard, tell)
    return undefined
  }
}

export function createGuardedAgents(options: GuardOptions): GuardedAgents {
  const settings = {
    keepAlive: true,
    maxSockets: options.maxSockets,
    maxFreeSockets: options.maxSockets,
    scheduling: 'lifo',
    ...(options.lookup && { lookup: options.lookup }),
  } as const
  const { ca, secureContext } = options
  const trust = secureContext ? { secureContext } : ca === undefined ? {} : { ca }
  const plain = new GuardedHttpAgent(settings, options)
  const secure = new GuardedHttpsAgent({ ...settings, ...trust }, options)
  return {
    http: plain,
    https: secure,
    destroy() {
      plain.destroy()
      secure.destroy()
    },
  }
}
