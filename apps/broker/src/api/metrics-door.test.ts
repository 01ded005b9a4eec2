import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createAddressReader } from '../auth/limits/client-address.ts'
import { beginExchange } from './exchange.ts'
import { createMetricsDoor } from './metrics-door.ts'

const HERE = '127.0.0.1'

/** Whether a request that comes from `peer` may read the figures, which are for this machine. */
function mayRead(trustProxy: boolean | readonly string[], peer: string, headers: Readonly<Record<string, string>> = {}): boolean {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer })
  const request = Object.assign(new IncomingMessage(socket), { headers })
  const address = createAddressReader(trustProxy, () => undefined)(request)
  const rest = { id: 'r1', begunAt: 0, path: '/metrics', mount: '', operation: 'GetMetrics', principal: undefined }
  beginExchange(request, { ...rest, address, limited: undefined, bodyTimer: undefined })
  return createMetricsDoor([HERE], trustProxy)(request)
}

describe('T03 the figures of the broker', () => {
  it('are for the machines that the operator names, and for no other', () => {
    expect([mayRead(false, HERE), mayRead(false, '192.0.2.7')]).toEqual([true, false])
  })

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])('are for nobody whom an unbelieved proxy passes on, told by %s', name => {
    for (const trustProxy of [false, ['10.0.0.7'], ['10.0.0.0/8', '192.0.2.0/24']]) {
      expect([trustProxy, mayRead(trustProxy, HERE, { [name]: HERE })]).toEqual([trustProxy, false])
    }
  })

  it('are by a believed proxy for whom it names, if the operator names them too', () => {
    for (const trustProxy of [true, [HERE]]) {
      expect(mayRead(trustProxy, HERE, { 'x-forwarded-for': HERE, via: '1.1 proxy' })).toBe(true)
      expect(mayRead(trustProxy, HERE, { 'x-forwarded-for': '192.0.2.7' })).toBe(false)
    }
  })

  it('are for nobody who hides behind a believed proxy by a list that is too long to read', () => {
    const forwarded = `${'9.9.9.9, '.repeat(300)}203.0.113.7`
    for (const trustProxy of [true, [HERE]]) expect(mayRead(trustProxy, HERE, { 'x-forwarded-for': forwarded })).toBe(false)
  })

  it.each(['unix:', '8.8.8.8, unknown', '8.8.8.8, ', '', '2001:db8::1::2'])(
    'are for nobody of whom a believed proxy says "%s"',
    forwarded => {
      for (const trustProxy of [true, [HERE]]) expect(mayRead(trustProxy, HERE, { 'x-forwarded-for': forwarded })).toBe(false)
    },
  )

  it('are for nobody whom a believed proxy passes on without saying who it is', () => {
    for (const trustProxy of [true, [HERE]]) {
      expect([mayRead(trustProxy, HERE, { via: '1.1 proxy' }), mayRead(trustProxy, HERE, { 'x-real-ip': HERE })]).toEqual([false, false])
    }
  })
})
