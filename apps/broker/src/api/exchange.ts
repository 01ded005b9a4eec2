/**
 * One request and what is known of it beside its headers. It hangs on the request itself: a weak map of so many short-lived keys costs the
 * garbage collector more than the whole answer.
 */
import type { IncomingMessage } from 'node:http'
import type { DoorAct } from '../auth/limits/door-rules.ts'
import type { Principal } from '../auth/principal.ts'

export interface Exchange {
  /** Stands in the access log and in the header `X-Request-Id`. */
  readonly id: string
  /** `performance.now()`. */
  readonly begunAt: number
  /** As it was asked for, without the query. */
  readonly path: string
  /** Of the client, as far as it is known: see `server.trustProxy`. */
  readonly address: string
  /** The base path of the TES API that the request came in by; empty for the root and for other routes. */
  mount: string
  /** The operation of the contract, once a route has taken the request. */
  operation: string
  /** Who asks, once the door has let them in; undefined on routes that are open to everybody. */
  principal: Principal | undefined
  /** The limit that has refused or slowed the request. */
  limited: DoorAct | undefined
  /** Ticks while a body may be waited for. */
  bodyTimer: NodeJS.Timeout | undefined
  /** True while the route itself looks after how fast the body comes. */
  ownPace?: boolean | undefined
  /** Of an answer that goes on: how long it took to begin, ms. */
  begunAfterMs?: number | undefined
  /** What takes the time of everybody while it is done, and goes on when the client has hung up. */
  work?: Promise<unknown> | undefined
}

const EXCHANGE = Symbol('exchange')

declare module 'node:http' {
  interface IncomingMessage {
    [EXCHANGE]?: Exchange
  }
}

export function beginExchange(request: IncomingMessage, exchange: Exchange): void {
  request[EXCHANGE] = exchange
}

export function exchangeOf(request: IncomingMessage): Exchange {
  const exchange = request[EXCHANGE]
  if (!exchange) throw new Error('A request reached a route past the front')
  return exchange
}

/** Who asks. Throws on a route whose door does not ask: nobody is let in by a mistake. */
export function principalOf(request: IncomingMessage): Principal {
  const { principal, operation } = exchangeOf(request)
  if (!principal) throw new Error(`The operation ${operation} was reached without a principal`)
  return principal
}
