/**
 * How long a session of the browser lives: until nobody used it for half an hour, and never beyond eight hours. Pure.
 */
export const SESSION_IDLE_MS = 30 * 60_000
export const SESSION_ABSOLUTE_MS = 8 * 60 * 60_000
/** A use is written down at most once a minute: polls of a page must not become writes. */
export const SESSION_TOUCH_MS = 60_000

/** Times are ms since 1970. */
export interface SessionTimes {
  readonly createdAt: number
  readonly lastSeenAt: number
}

export type SessionVerdict =
  /** `touch`: note that it was used. `until`: when it ends if it is not used again. */
  | { readonly outcome: 'alive'; readonly until: number; readonly touch: boolean }
  | { readonly outcome: 'over'; readonly reason: 'idle' | 'absolute'; readonly detail: string }

export function judgeSession({ createdAt, lastSeenAt }: SessionTimes, now: number): SessionVerdict {
  const absoluteEnd = createdAt + SESSION_ABSOLUTE_MS
  if (now >= absoluteEnd) return { outcome: 'over', reason: 'absolute', detail: 'The session is eight hours old. Log in again.' }
  // What is written may be older than the last use by as much as uses are held back.
  const idleEnd = lastSeenAt + SESSION_IDLE_MS
  if (now >= idleEnd) return { outcome: 'over', reason: 'idle', detail: 'Nobody used the session for half an hour. Log in again.' }
  return { outcome: 'alive', until: Math.min(idleEnd, absoluteEnd), touch: now - lastSeenAt >= SESSION_TOUCH_MS }
}
