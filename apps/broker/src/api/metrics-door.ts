/**
 * Who may read the figures of the broker: they tell of everybody's work, so only those whom the operator names.
 */
import type { IncomingMessage } from 'node:http'
import { clientAddress, readAddresses, readProxyTrust } from '../auth/limits/client-address.ts'
import { exchangeOf } from './exchange.ts'

const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const

/**
 * `from`: addresses and networks. What a proxy has passed on that is not believed, or that does not say for whom, comes from an address that nobody
 * knows: it may not, though the proxy itself may lie on this machine.
 */
export function createMetricsDoor(from: readonly string[], trustProxy: boolean | readonly string[]): (request: IncomingMessage) => boolean {
  const isNamed = readAddresses(from)
  const trust = readProxyTrust(trustProxy)
  const isBelieved = ({ headers, socket }: IncomingMessage): boolean =>
    headers['x-forwarded-for'] !== undefined && trust.connected(clientAddress(socket.remoteAddress, undefined, trust))
  return request => {
    const isForwarded = FORWARDED.some(name => request.headers[name] !== undefined)
    return (!isForwarded || isBelieved(request)) && isNamed(exchangeOf(request).address)
  }
}
