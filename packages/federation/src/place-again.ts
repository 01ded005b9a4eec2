/**
 * Places a work item of which one site surely does not have what was sent to it: there first, and elsewhere if that site cannot take it.
 */
import type { CompiledSnapshot } from './compile.ts'
import type { Decision, ExtraVerdicts, Snapshot } from './decision.ts'
import { place } from './place.ts'
import type { Work } from './work.ts'

/** A decision and the work item as it was decided on. */
export interface Placed {
  readonly work: Work
  readonly decision: Decision
}

/**
 * Decides about `work`. With `resendTo` that site alone is in question as long as it can take the task, or only has no room for it just now;
 * otherwise all sites are, and the work that is answered no longer has `resendTo`.
 */
export function placeAgain(snapshot: Snapshot | CompiledSnapshot, work: Work, extra?: ExtraVerdicts): Placed {
  const decision = place(snapshot, work, extra)
  if (work.resendTo === undefined || isWorthWaiting(decision, work)) return { work, decision }
  const { resendTo: _, ...anywhere } = work
  return { work: anywhere, decision: place(snapshot, anywhere, extra) }
}

function isWorthWaiting({ outcome, sites }: Decision, { resendTo }: Work): boolean {
  if (outcome === 'placed') return true
  const own = sites.find(site => site.id === resendTo)
  return own?.verdict === 'later' && own.reasons.every(reason => reason.code === 'NO_ROOM_NOW')
}
