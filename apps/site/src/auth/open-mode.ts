/**
 * The defences of a site without a token: a web page that somebody looks at must not be able to run commands on this machine. Pure.
 */
import { isIPv4 } from 'node:net'

export interface RequestFacts {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly contentType: string | undefined
  readonly hasBody: boolean
}

export interface Refusal {
  readonly status: 403 | 415
  readonly msg: string
}

/** True for the names and addresses of this machine's own loopback. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || (isIPv4(name) && name.startsWith('127.'))
}

/** Why a request is refused in open mode; undefined if it is not. Foreign pages come with their origin, or by a name that was made to point here. */
export function refuseInOpenMode(facts: RequestFacts): Refusal | undefined {
  const host = hostnameOf(`http://${facts.host ?? ''}`)
  if (host === undefined || !isLoopbackHost(host))
    return { status: 403, msg: 'an open site answers only under a loopback name: use http://127.0.0.1 or localhost' }
  if (facts.origin !== undefined && facts.origin !== `http://${facts.host}`) {
    return { status: 403, msg: 'an open site takes no requests from pages of another origin: start it with --token-ref' }
  }
  if (facts.hasBody && facts.method === 'POST' && !/^application\/json\s*(;|$)/i.test(facts.contentType ?? '')) {
    return { status: 415, msg: 'the body must be application/json: set the Content-Type header' }
  }
  return undefined
}

function hostnameOf(url: string): string | undefined {
  return URL.parse(url)?.hostname || undefined
}
