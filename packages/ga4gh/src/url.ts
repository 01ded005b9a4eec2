/**
 * Building the URL of a request below a base URL, and nowhere else.
 */
import { ApiError } from './errors.ts'

/** Query values in order; an array repeats its key, undefined leaves it out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** The base of an API: http or https, no user name, no query, no trailing slash. */
export function parseBaseUrl(baseUrl: string | URL): URL {
  const url = new URL(baseUrl)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError(`The base URL ${url.protocol}//… must be http or https`)
  if (url.username || url.password)
    throw new TypeError('The base URL holds a user name or password: give them as auth, for instance basic(user, password)')
  if (url.search || url.hash) throw new TypeError('The base URL holds a query or a fragment: leave them out')
  url.pathname = url.pathname.replace(/\/+$/, '')
  return url
}

/** One segment of a path. `''`, `.` and `..` have no form that stays inside the path. */
export function pathSegment(value: string): string {
  if (value === '' || value === '.' || value === '..') {
    throw new ApiError('bad_request', `"${value}" cannot be part of an address`, { delivery: 'not_sent' })
  }
  return encodeURIComponent(value)
}

export function buildUrl(base: URL, path: string, query: Query = {}): URL {
  const url = new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`)
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [String(value)]) url.searchParams.append(key, one)
  }
  if (url.origin !== base.origin) throw new TypeError(`${url.origin} is not the origin of this transport`)
  return url
}
