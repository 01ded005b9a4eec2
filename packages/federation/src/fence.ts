/**
 * Fencing: when may another attempt of the same work item begin?
 */
import { type Attempt, isFinal } from './attempt.ts'

/**
 * True if nothing that counts can come of the attempt any more, so that a successor may start (invariant I2): its end is confirmed (a CANCELED
 * after our own cancel twice), it was surely not sent, it was reconciled absent, the site has forgotten it, or it was given up.
 */
export function isFenced(attempt: Attempt): boolean {
  if (attempt.givenUpAt !== undefined) return true
  if (!isFinal(attempt)) return false
  return attempt.end?.outcome !== 'CANCELED' || attempt.cancelWantedAt === undefined || attempt.cancelConfirmations >= 2
}
