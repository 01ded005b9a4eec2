/**
 * A stream of our own routes at the server: the same credential, user agent and way out as every request.
 */
import type { AuthProvider, Fetch } from '@portolan/ga4gh'

export interface StreamRequest {
  /** Below `/portolan/v1`, already escaped. */
  readonly path: string
  /** The last event that is known already. */
  readonly lastId?: string | undefined
  readonly signal: AbortSignal
}

/** Answers as soon as the head of the answer is there, whatever it says. */
export type OpenStream = (request: StreamRequest) => Promise<Response>

export interface StreamOptions {
  /** The address of the server, without a slash at the end. */
  readonly root: string
  readonly stream: Fetch
  readonly auth: AuthProvider | undefined
  readonly userAgent: string
}

export function createStreamOpener({ root, stream, auth, userAgent }: StreamOptions): OpenStream {
  return async ({ path, lastId, signal }) => {
    const url = new URL(`${root}/portolan/v1/${path}`)
    const headers = {
      accept: 'text/event-stream',
      'user-agent': userAgent,
      ...(lastId !== undefined && { 'last-event-id': lastId }),
      ...(await auth?.({ url, signal })),
    }
    return await stream(url.href, { method: 'GET', headers, signal, redirect: 'manual' })
  }
}
