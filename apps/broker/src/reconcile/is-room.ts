/**
 * Tells the state of a site, which passes, from its rules. Pure.
 */
import type { Reason, ReasonCode } from '@portolan/federation'

const ROOM: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['SITE_DRAINING', 'SITE_DOWN', 'BREAKER_OPEN', 'NO_ROOM_NOW'])

/** True if the site's own state decides the matter, and no rule does: the site only has no room, is down, or is drained. */
export function isRoom({ code }: Reason): boolean {
  return ROOM.has(code)
}
