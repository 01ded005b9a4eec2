/**
 * What of a person is live: devices that are logged in or let in, and personal tokens. As much of it as a page for a person holds.
 */
import type { LiveRows, PersonRef } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import type { Principal } from './principal.ts'

export interface LiveAccess extends LiveRows {
  /** There is more of one of them than is listed. */
  readonly isMore: boolean
}

/** Of each. */
const MOST_LISTED = 100

/** `principal` asks, for what is live of `person` at `now`, ms since 1970. */
export function readLiveAccess(store: Pick<LoginStore, 'listLive'>, principal: Principal, person: PersonRef, now: number): LiveAccess {
  const { approved, devices, tokens } = store.listLive(principal, person, { most: MOST_LISTED + 1, now })
  return {
    approved: approved.slice(0, MOST_LISTED),
    devices: devices.slice(0, MOST_LISTED),
    tokens: tokens.slice(0, MOST_LISTED),
    isMore: Math.max(approved.length, devices.length, tokens.length) > MOST_LISTED,
  }
}
