/**
 * The ways of bytes: to the broker with the credential, and to the stores that its links lead to with none.
 */
import { createOutboundFetch, type Outbound } from '@portolan/broker/http'
import type { AuthProvider, Fetch } from '@portolan/ga4gh'
import type { ByteWays } from './output-bytes.ts'

export interface ByteWayOptions {
  /** The address of the server, without a slash at the end. */
  readonly root: string
  readonly stream: Fetch
  readonly auth: AuthProvider | undefined
  readonly userAgent: string
}

export function createByteWays({ root, stream, auth, userAgent }: ByteWayOptions): ByteWays & AsyncDisposable {
  const stores = new Map<string, Outbound>()

  /** A store that the broker has named may lie anywhere, in the network of a site too. */
  function storeAt(origin: string): Outbound {
    const known = stores.get(origin) ?? createOutboundFetch({ declaredOrigins: [origin] })
    stores.set(origin, known)
    return known
  }

  return {
    async own(path, headers, signal) {
      const url = new URL(`${root}/portolan/v1/${path}`)
      const all = { ...headers, 'user-agent': userAgent, ...(await auth?.({ url, signal })) }
      return await stream(url.href, { method: 'GET', headers: all, signal, redirect: 'manual' })
    },
    foreign: (href, init) =>
      storeAt(new URL(href).origin).stream(href, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init.headers)), 'user-agent': userAgent },
      }),
    async [Symbol.asyncDispose]() {
      for (const outbound of stores.values()) await outbound[Symbol.asyncDispose]()
    },
  }
}
