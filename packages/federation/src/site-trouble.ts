/**
 * What a site last answered instead of what it was asked for, or why no answer came. A closed set, so that no word of a site, no address and no
 * secret can get into a decision by it, and a number is enough to keep it.
 */
import { formatDuration } from './format.ts'
import type { Site } from './site.ts'

/** The order is that of the numbers by which they are kept: new ones go to the end. */
export const TROUBLE_KINDS = [
  'refused',
  'lookup',
  'unreachable',
  'tls',
  'blocked',
  'broken',
  'timeout',
  'unreadable',
  'credential',
  'certificate',
  'tokens',
  'client',
  'expired',
] as const
export type TroubleKind = (typeof TROUBLE_KINDS)[number]

/** `status`: it answered with this HTTP status. */
export type SiteTrouble = { readonly kind: TroubleKind } | { readonly kind: 'status'; readonly status: number }

const LEAST_STATUS = 100
const MOST_STATUS = 599

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** A few words: `connection refused`, `401 Unauthorized`, `timed out after 30 s`. */
export function sayTrouble(trouble: SiteTrouble, { tracking }: Pick<Site, 'tracking'>): string {
  switch (trouble.kind) {
    case 'status':
      return [trouble.status, PHRASES[trouble.status] ?? []].flat().join(' ')
    case 'refused':
      return 'connection refused'
    case 'lookup':
      return 'its name leads to no address'
    case 'unreachable':
      return 'no connection came about'
    case 'tls':
      return 'its certificate is not trusted, or TLS failed'
    case 'blocked':
      return 'its address is forbidden'
    case 'broken':
      return 'the connection broke'
    case 'timeout':
      return `timed out after ${formatDuration(tracking.siteTimeoutMs)}`
    case 'unreadable':
      return 'an answer that is not TES'
    case 'credential':
      return 'no credential to send'
    case 'certificate':
      return 'it wants another client certificate'
    case 'expired':
      return "the broker's client certificate has expired"
    case 'tokens':
      return 'its token server gives no token now'
    case 'client':
      return 'its token server gives the broker no usable token'
  }
}

/** True if the site will not have us, whatever we ask, until an operator acts. */
export function isCredentialTrouble(trouble: SiteTrouble): boolean {
  return (
    ['credential', 'certificate', 'client', 'expired'].includes(trouble.kind) ||
    (trouble.kind === 'status' && (trouble.status === 401 || trouble.status === 403))
  )
}

/** A whole number from 0 to 599; 0: none. A status beyond those of HTTP is none. */
export function writeTrouble(trouble: SiteTrouble | undefined): number {
  if (trouble === undefined) return 0
  if (trouble.kind !== 'status') return TROUBLE_KINDS.indexOf(trouble.kind) + 1
  return trouble.status >= LEAST_STATUS && trouble.status <= MOST_STATUS ? Math.trunc(trouble.status) : 0
}

export function readTrouble(number: number): SiteTrouble | undefined {
  if (number >= LEAST_STATUS) return { kind: 'status', status: number }
  const kind = TROUBLE_KINDS[number - 1]
  return kind && { kind }
}
