/**
 * When a personal token ends: every one does. Pure.
 */
import type { TokenLifetimes } from './lifetimes.ts'

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

export type ExpiryBounds = Pick<TokenLifetimes, 'personalMs' | 'personalMostMs'>

export type ExpiryAnswer =
  | { readonly outcome: 'granted'; readonly expiresAt: number }
  | { readonly outcome: 'refused'; readonly detail: string; readonly fix: string }

/** `askedAt`: ms since 1970; absent: the default. */
export function grantExpiry(askedAt: number | undefined, { personalMs, personalMostMs }: ExpiryBounds, now: number): ExpiryAnswer {
  const expiresAt = askedAt ?? now + personalMs
  if (Number.isSafeInteger(expiresAt) && expiresAt > now && expiresAt <= now + personalMostMs) return { outcome: 'granted', expiresAt }
  const detail =
    expiresAt <= now ? 'The token would be over before it is used.' : `No token may live longer than ${describeSpan(personalMostMs)}.`
  return {
    outcome: 'refused',
    detail,
    fix: `Choose a time within the next ${describeSpan(personalMostMs)}, or none for ${describeSpan(personalMs)}.`,
  }
}

/** In days; below two of them in hours. Rounded down, since it is a bound. */
export function describeSpan(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`
  const hours = Math.floor(ms / HOUR_MS)
  if (hours < 1) return 'less than an hour'
  return hours === 1 ? '1 hour' : `${hours} hours`
}
