/**
 * The defences of open mode. Without a login the only wall is that nobody but this machine can connect, and a web page in this machine's browser
 * can: it may send simple requests anywhere, and by DNS rebinding it may even look like the same origin. So the host must be a loopback name, a
 * foreign origin is refused, and a body must be declared as JSON, which a page of another origin cannot do without asking first. Pure.
 */
import { isIPv4 } from 'node:net'

export interface RequestHead {
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly contentType: string | undefined
  /** True if the request says that a body follows. */
  readonly hasBody: boolean
}

export type OpenModeObjection = { readonly kind: 'foreign-host' | 'foreign-origin' | 'content-type'; readonly detail: string }

const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/
const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/** What open mode has against this request; undefined: nothing. */
export function objectInOpenMode(head: RequestHead, corsOrigins: ReadonlySet<string>): OpenModeObjection | undefined {
  const { host, origin, contentType, hasBody } = head
  if (host === undefined || !isLoopbackHost(HOST.exec(host)?.[1] ?? '')) {
    return { kind: 'foreign-host', detail: `Without a login only loopback names are served, and the Host header says ${quote(host)}.` }
  }
  if (origin !== undefined && !corsOrigins.has(origin) && origin.toLowerCase() !== `http://${host}`.toLowerCase()) {
    return {
      kind: 'foreign-origin',
      detail: `Without a login pages of other origins may not ask, and the Origin header says ${quote(origin)}.`,
    }
  }
  if (hasBody && (contentType === undefined || !JSON_TYPE.test(contentType))) {
    return { kind: 'content-type', detail: `The body must be application/json, and the Content-Type header says ${quote(contentType)}.` }
  }
  return undefined
}

function quote(value: string | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value.slice(0, 200))
}

/** True for the names and addresses, with or without brackets, that lead to this machine only: a browser never asks a name server for them. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return /^(?:[a-z0-9-]+\.)*localhost$/.test(name) || name === '::1' || (isIPv4(name) && name.startsWith('127.'))
}
