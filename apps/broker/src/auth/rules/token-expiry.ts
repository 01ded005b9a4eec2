/**
 * When a personal token ends: every one does. Pure.
 */
const DAY_MS = 24 * 60 * 60_000

export interface ExpiryBounds {
  /** Where nothing is asked. */
  readonly defaultDays: number
  readonly mostDays: number
}

export type ExpiryAnswer =
  | { readonly outcome: 'granted'; readonly expiresAt: number }
  | { readonly outcome: 'refused'; readonly detail: string; readonly fix: string }

/** `askedAt`: ms since 1970; absent: the default. */
export function grantExpiry(askedAt: number | undefined, { defaultDays, mostDays }: ExpiryBounds, now: number): ExpiryAnswer {
  const expiresAt = askedAt ?? now + defaultDays * DAY_MS
  if (Number.isSafeInteger(expiresAt) && expiresAt > now && expiresAt <= now + mostDays * DAY_MS) return { outcome: 'granted', expiresAt }
  const detail = expiresAt <= now ? 'The token would be over before it is used.' : `No token may live longer than ${mostDays} days.`
  return { outcome: 'refused', detail, fix: `Choose a time within the next ${mostDays} days, or none for ${defaultDays} days.` }
}
