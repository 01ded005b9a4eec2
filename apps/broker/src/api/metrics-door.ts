/**
 * Who may read the figures of the broker: they tell of everybody's work, so only those whom the operator names.
 */
import type { IncomingMessage } from 'node:http'
import { readAddresses } from '../auth/limits/client-address.ts'
import { exchangeOf } from './exchange.ts'

const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const

/**
 * `from`: addresses and networks. Where no proxy is believed, a request that a proxy has passed on comes from an address that nobody knows: it may
 * not, though the proxy itself may lie on this machine.
 */
export function createMetricsDoor(from: readonly string[], trustProxy: boolean | readonly string[]): (request: IncomingMessage) => boolean {
  const isNamed = readAddresses(from)
  return request => {
    const isForwarded = FORWARDED.some(name => request.headers[name] !== undefined)
    return (trustProxy !== false || !isForwarded) && isNamed(exchangeOf(request).address)
  }
}
