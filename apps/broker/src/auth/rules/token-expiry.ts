/**
 * When a personal token ends: every one does. Pure.
 */
import type { TokenLifetimes } from './lifetimes.ts'

const DAY_MS = 24 * 60 * 60_000

export type ExpiryBounds = Pick<TokenLifetimes, 'personalMs' | 'personalMostMs'>

export type ExpiryAnswer =
  | { readonly outcome: 'granted'; readonly expiresAt: number }
  | { readonly outcome: 'refused'; readonly detail: string; readonly fix: string }

/** `askedAt`: ms since 1970; absent: the default. */
export function grantExpiry(askedAt: number | undefined, { personalMs, personalMostMs }: ExpiryBounds, now: number): ExpiryAnswer {
  const expiresAt = askedAt ?? now + personalMs
  if (Number.isSafeInteger(expiresAt) && expiresAt > now && expiresAt <= now + personalMostMs) return { outcome: 'granted', expiresAt }
  const detail =
    expiresAt <= now ? 'The token would be over before it is used.' : `No token may live longer than ${describeDays(personalMostMs)}.`
  return {
    outcome: 'refused',
    detail,
    fix: `Choose a time within the next ${describeDays(personalMostMs)}, or none for ${describeDays(personalMs)}.`,
  }
}

function describeDays(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  return days === 1 ? '1 day' : `${days} days`
}
