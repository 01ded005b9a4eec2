/**
 * Whether what a login said of a person is young enough to create work with. While the login is down a known token goes on for
 * `auth.claimsMaxAgeHours`; then creates wait for the login, with the reason. Reading is never judged by it. Pure.
 */
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export type ClaimsVerdict = { readonly outcome: 'fresh' } | { readonly outcome: 'too-old'; readonly detail: string; readonly fix: string }

/** `claimsAt`: when the login said so, ms since 1970. */
export function judgeClaimsAge(claimsAt: number, maxAgeMs: number, now: number): ClaimsVerdict {
  const ageMs = now - claimsAt
  if (ageMs < maxAgeMs) return { outcome: 'fresh' }
  const detail = `Your login was last asked about you ${describeAge(ageMs)} ago, and at most ${describeAge(maxAgeMs)} may pass.`
  return { outcome: 'too-old', detail, fix: 'Log in again; if that fails, the login is down, and the operator of the broker knows more.' }
}

function describeAge(ms: number): string {
  return ms < 2 * HOUR_MS ? `${Math.floor(ms / MINUTE_MS)} minutes` : `${Math.floor(ms / HOUR_MS)} hours`
}
