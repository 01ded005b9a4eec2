/**
 * The defences of a site without a token, in words for whoever met them. What they are is the same as at the broker.
 */
import type { IncomingMessage } from 'node:http'
import { type OpenModeObjection, objectInOpenMode } from '@portolan/tes/server'

export interface Refusal {
  readonly status: 403 | 415
  readonly msg: string
}

const ANSWERS: Readonly<Record<OpenModeObjection['kind'], readonly [status: Refusal['status'], fix: string]>> = {
  'foreign-host': [403, 'Use http://127.0.0.1 or localhost.'],
  'foreign-origin': [403, 'Start the site with --token-ref to serve others.'],
  'content-type': [415, 'Set the Content-Type header to application/json.'],
}
const NO_ORIGINS: ReadonlySet<string> = new Set()

/** Why a request is refused in open mode; undefined if it is not. Only a POST can come from a page's plain form, so only its body must be JSON. */
export function refuseInOpenMode({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): Refusal | undefined {
  const sendsBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  const head = { host: headers.host, origin: headers.origin, contentType: headers['content-type'], hasBody: method === 'POST' && sendsBody }
  const objection = objectInOpenMode(head, NO_ORIGINS)
  if (!objection) return undefined
  const [status, fix] = ANSWERS[objection.kind]
  return { status, msg: `${objection.detail} ${fix}` }
}
