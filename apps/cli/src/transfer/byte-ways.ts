/**
 * The ways of bytes: to the broker with the credential, and to the stores that its links lead to with none.
 */
import { createOutboundFetch, type Outbound } from '@portolan/broker/http'
import { type AuthHeaders, type AuthProvider, describeRefusal, type Fetch, readText, secretsOf } from '@portolan/ga4gh'
import type { ByteWays } from './output-bytes.ts'
import type { PartBody, PartWays } from './send-part.ts'

/** Of a refusal. */
const MOST_SAID_BYTES = 64 * 1024

export interface ByteWayOptions {
  /** The address of the server, without a slash at the end. */
  readonly root: string
  readonly stream: Fetch
  /** The same for what is sent as it comes, and can be sent no second time. */
  readonly send: Fetch
  readonly auth: AuthProvider | undefined
  readonly userAgent: string
}

export function createByteWays({ root, stream, send, auth, userAgent }: ByteWayOptions): ByteWays & PartWays & AsyncDisposable {
  const stores = new Map<string, Outbound>()

  /** A store that the broker has named may lie anywhere, in the network of a site too. */
  function storeAt(origin: string): Outbound {
    const known = stores.get(origin) ?? createOutboundFetch({ declaredOrigins: [origin] })
    stores.set(origin, known)
    return known
  }

  async function put(by: Fetch, href: string, { bytes, stream: body }: PartBody, credential: AuthHeaders, signal: AbortSignal) {
    const headers = { ...credential, 'content-length': String(bytes), 'content-type': 'application/octet-stream', 'user-agent': userAgent }
    const answer = await by(href, { method: 'PUT', headers, body, signal, redirect: 'manual' })
    if (answer.ok) {
      await answer.body?.cancel()
      return
    }
    const said = await readText(answer, MOST_SAID_BYTES).catch(() => '')
    throw describeRefusal(answer, said, 'The place of the part', secretsOf(Object.values(credential)), Date.now())
  }

  return {
    async putOwn(path, body, signal) {
      const url = new URL(`${root}/portolan/v1/${path}`)
      await put(send, url.href, body, (await auth?.({ url, signal })) ?? {}, signal)
    },
    putForeign: (href, body, signal) => put(storeAt(new URL(href).origin).stream, href, body, {}, signal),
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
