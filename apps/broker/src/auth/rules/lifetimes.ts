/**
 * How long what we give out lives, where the store is told so when it is made. Pure; times are ms since 1970.
 */
const MINUTE_MS = 60_000

/** From `auth.tokens`, in ms. */
export interface TokenLifetimes {
  readonly accessMs: number
  /** From one login to the next, however often it is refreshed between. */
  readonly refreshMs: number
  /** Of a personal token, where nothing is asked. */
  readonly personalMs: number
  readonly personalMostMs: number
}

/** A session of the browser ends when nobody used it for half an hour, and in any case after eight hours. */
export function sessionLife(now: number): { readonly idleMs: number; readonly expiresAt: number } {
  return { idleMs: 30 * MINUTE_MS, expiresAt: now + 8 * 60 * MINUTE_MS }
}

/** Ten minutes to type a user code, and five seconds between two polls, as RFC 8628 has it where nothing is said. */
export function deviceLife(now: number): { readonly intervalMs: number; readonly expiresAt: number } {
  return { intervalMs: 5_000, expiresAt: now + 10 * MINUTE_MS }
}

/** Ten minutes from the way to the login until the way back. */
export function pendingLoginEnd(now: number): number {
  return now + 10 * MINUTE_MS
}
