/**
 * One request and what is known of it beside its headers.
 */
import type { IncomingMessage } from 'node:http'

export interface Exchange {
  /** Stands in the access log and in the header `X-Request-Id`. */
  readonly id: string
  /** The base path of the TES API that the request came in by; empty for the root and for other routes. */
  mount: string
  /** The operation of the contract, once a route has taken the request. */
  operation: string
}

const exchanges = new WeakMap<IncomingMessage, Exchange>()

export function beginExchange(request: IncomingMessage, exchange: Exchange): void {
  exchanges.set(request, exchange)
}

export function exchangeOf(request: IncomingMessage): Exchange {
  const exchange = exchanges.get(request)
  if (!exchange) throw new Error('A request reached a route past the front')
  return exchange
}
