/**
 * Whether a request of a browser may use its cookie. A page of another site can make a browser send our cookie along; what it cannot do is say that
 * the request comes from us. Pure.
 */
import type { IncomingHttpHeaders } from 'node:http'

const SAFE: readonly string[] = ['GET', 'HEAD']

/** True for what only reads, and for what the browser says our own pages have sent. `ownOrigin`: that of the public URL. */
export function isOurOwn(method: string, headers: Pick<IncomingHttpHeaders, 'origin' | 'sec-fetch-site'>, ownOrigin: string): boolean {
  if (SAFE.includes(method)) return true
  const site = headers['sec-fetch-site']
  return site === undefined ? headers.origin === ownOrigin : site === 'same-origin'
}
