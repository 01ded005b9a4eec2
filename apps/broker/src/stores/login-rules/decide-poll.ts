/**
 * What a device that polls is told (RFC 8628, section 3.5): pure, and the only place that knows the rule.
 */
import type { DeviceFlowState } from '../login-rows.ts'

/** So much longer must the pause be after each poll that came too early, up to the most. */
const SLOWER_MS = 5_000
const MOST_INTERVAL_MS = 30_000

export interface PollFacts {
  readonly now: number
  readonly state: DeviceFlowState
  readonly expiresAt: number
  readonly intervalMs: number
  /** The next poll may not come earlier. */
  readonly pollAfterAt: number
}

/** `use`: it is approved, and this poll uses it. */
export type PollDecision =
  | { readonly action: 'use' }
  | { readonly action: 'wait'; readonly outcome: 'pending' | 'slowDown'; readonly intervalMs: number; readonly pollAfterAt: number }
  /** It came too early, and nothing is left to write down: who polls without end writes a few times and no more. */
  | { readonly action: 'tell'; readonly outcome: 'slowDown'; readonly intervalMs: number }
  | { readonly action: 'refuse'; readonly outcome: 'denied' | 'expired' | 'used' }

export function decidePoll({ now, state, expiresAt, intervalMs, pollAfterAt }: PollFacts): PollDecision {
  if (state === 'used' || state === 'denied') return { action: 'refuse', outcome: state }
  if (now >= expiresAt) return { action: 'refuse', outcome: 'expired' }
  if (state === 'approved') return { action: 'use' }
  if (now >= pollAfterAt) return { action: 'wait', outcome: 'pending', intervalMs, pollAfterAt: now + intervalMs }
  if (intervalMs >= MOST_INTERVAL_MS) return { action: 'tell', outcome: 'slowDown', intervalMs }
  const slower = intervalMs + SLOWER_MS
  return { action: 'wait', outcome: 'slowDown', intervalMs: slower, pollAfterAt: now + slower }
}
