/**
 * When to try a GET again, and when. Requests that change something are never repeated here.
 */
import type { ApiError, ApiErrorCode } from './errors.ts'

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 8_000
/** A server that asks for a longer pause gets no second try; the caller sees `retryAfterMs`. */
const LONGEST_RETRY_AFTER_MS = 30_000

const PASSING: ReadonlySet<ApiErrorCode> = new Set([
  'unreachable',
  'timeout',
  'connection_lost',
  'server_error',
  'too_many_requests',
  'unreadable',
])

/** True for trouble of a server or of the way to it, which whoever waits for something outlives; false for what will be the same again, such as `not_found`. */
export function mayPass({ code }: ApiError): boolean {
  return PASSING.has(code)
}

/** Is a second try of a safe request likely to go better? */
export function isTransient({ code, status, retryAfterMs }: ApiError): boolean {
  if (retryAfterMs !== undefined && retryAfterMs > LONGEST_RETRY_AFTER_MS) return false
  if (code === 'server_error') return status !== 501
  if (code === 'client_error') return status === 408
  return code === 'unreachable' || code === 'connection_lost' || code === 'too_many_requests'
}

/** Pause before try `attempt + 1` in milliseconds: what the server asked for, else doubled each time with a quarter of jitter. `random` is in [0, 1). */
export function delayBeforeRetry(attempt: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs
  return Math.round(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (1 - random / 4))
}

/** Reads `Retry-After` (seconds or a date, RFC 9110 section 10.2.3) as milliseconds from `now`. */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (!value) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** Waits, or rejects with the signal's reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
