/**
 * Whether what a login said of a person is young enough to create work with. While the login is down a known token goes on for
 * `auth.claimsMaxAgeHours`; then creates wait for the login, with the reason. Reading is never judged by it. Pure.
 */
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

export type ClaimsVerdict = { readonly outcome: 'fresh' } | { readonly outcome: 'too-old'; readonly detail: string }

/** `claimsAt`: when the login said so, ms since 1970. */
export function judgeClaimsAge(claimsAt: number, maxAgeMs: number, now: number): ClaimsVerdict {
  const ageMs = now - claimsAt
  if (ageMs < maxAgeMs) return { outcome: 'fresh' }
  const detail = `Your login was last asked about you ${describeAge(ageMs)} ago, and at most ${describeAge(maxAgeMs)} may pass.`
  return { outcome: 'too-old', detail }
}

/** In a unit of which there are two at least, so that one is never many. */
function describeAge(ms: number): string {
  if (ms < 2 * SECOND_MS) return 'a moment'
  if (ms < 2 * MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} seconds`
  return ms < 2 * HOUR_MS ? `${Math.floor(ms / MINUTE_MS)} minutes` : `${Math.floor(ms / HOUR_MS)} hours`
}
