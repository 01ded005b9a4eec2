/**
 * The failures of stores in the words of their port. No detail holds a word of a foreign answer but the name of an error.
 */
import { ApiError, type ApiErrorCode } from '@portolan/ga4gh'
import type { StoreAnswer, StoreFailure } from './object-store.ts'

/** What stood in the way of an answer. `origin`: of the server that was asked. */
export function describeStoreError(error: unknown, origin: string): StoreFailure {
  if (!(error instanceof ApiError)) return { kind: 'unreadable', detail: `${origin} answered what cannot be read` }
  return FAILURES[error.code]?.(origin) ?? { kind: 'unreadable', detail: `${origin} answered what cannot be read` }
}

const late = (origin: string): StoreFailure => ({ kind: 'timeout', detail: `${origin} gave no answer in time` })
const refused = (origin: string): StoreFailure => ({ kind: 'auth', detail: `${origin} refuses the broker` })
const FAILURES: Readonly<Partial<Record<ApiErrorCode, (origin: string) => StoreFailure>>> = {
  unreachable: origin => ({ kind: 'unreachable', detail: `${origin} cannot be reached` }),
  connection_lost: origin => ({ kind: 'unreachable', detail: `the connection to ${origin} broke` }),
  timeout: late,
  aborted: late,
  unauthorized: refused,
  forbidden: refused,
}

/** By the status of an answer that is no success. `name`: what the server calls it, where it says so. */
export function answerOfStatus(status: number, origin: string, name?: string): StoreAnswer<never> {
  const says = name === undefined ? `${status}` : `${status} ${name}`
  const fail = (kind: StoreFailure['kind'], detail: string): StoreAnswer<never> => ({ outcome: 'failed', failure: { kind, detail } })
  if (status === 404 || status === 410) return { outcome: 'missing' }
  if (status === 304 || status === 409 || status === 412) return { outcome: 'changed' }
  if (status === 401 || status === 403) return fail('auth', `${origin} refuses the broker (${says})`)
  if (status === 429 || status === 503) return fail('busy', `${origin} is busy (${says})`)
  if (status === 405 || status === 411 || status === 501) return fail('unsupported', `${origin} cannot do it (${says})`)
  if (status >= 500) return fail('server', `${origin} failed (${says})`)
  if (status >= 300 && status < 400) return fail('unreadable', `${origin} leads elsewhere, which is not followed (${says})`)
  return fail('unreadable', `${origin} did not understand (${says})`)
}

/** An answer of a server that does its work: it counts against nobody, and another time it may be another one. */
export function notNow(detail: string): StoreAnswer<never> {
  return unsupported(detail)
}

export function found<T>(value: T): StoreAnswer<T> {
  return { outcome: 'found', value }
}

export function unsupported(detail: string): StoreAnswer<never> {
  return { outcome: 'failed', failure: { kind: 'unsupported', detail } }
}
