/**
 * Tells the state of a site, which passes, from its rules. Pure.
 */
import { type Reason, ROOM_CODES } from '@portolan/federation'

/** True if the site's own state decides the matter, and no rule does: the site only has no room, is down, or is drained. */
export function isRoom({ code }: Reason): boolean {
  return ROOM_CODES.has(code)
}
