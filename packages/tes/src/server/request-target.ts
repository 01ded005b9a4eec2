/**
 * For which host and path a request is. A request that names two hosts is refused, since whoever judges it and whoever serves it could each
 * take another one (RFC 9112, section 3.2).
 */
import type { IncomingMessage } from 'node:http'
import { badRequest, type HttpProblem } from './http-problem.ts'

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is

/** The path and query of the request, without the scheme and authority that a client may write before them; or a 400. */
export function readTarget({
  url = '/',
  rawHeaders,
  headers,
}: Pick<IncomingMessage, 'url' | 'rawHeaders' | 'headers'>): string | HttpProblem {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) if (isHost(rawHeaders[i])) hosts++
  if (hosts > 1) return badRequest([{ path: 'Host', message: `The request has ${hosts} Host headers`, fix: 'Send one.' }])
  const [, authority, rest = ''] = (url.startsWith('/') ? undefined : ABSOLUTE.exec(url)) ?? []
  if (authority === undefined) return url
  if (authority.toLowerCase() !== headers.host?.toLowerCase()) {
    return badRequest([
      { path: 'Host', message: 'The request line names another host than the Host header', fix: 'Send the same in both.' },
    ])
  }
  return rest.startsWith('/') ? rest : `/${rest}`
}

function isHost(name: string | undefined): boolean {
  return name?.length === 4 && name.toLowerCase() === 'host'
}
