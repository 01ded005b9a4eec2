/**
 * What is known of the contact with one site under the present lease: when it last answered, the last sweep, what it showed, and which requests
 * are under way. In memory only: a new lease begins with a sweep that finds all of it again.
 */
import type { AttemptId, SiteTaskId, SweepDiff, SweepRecord } from '@portolan/federation'

export interface SiteContact {
  leaseSince: number
  lastAnswerAt: number
  lastSweep: SweepRecord | undefined
  quarantinedSince: number | undefined
  unknownIds: boolean
  sweeping: boolean
  /** Listed ids that need no tag any more to be told apart. */
  understood: ReadonlySet<SiteTaskId>
  /** Attempts with a request under way, so that no second one starts. */
  readonly inFlight: Set<AttemptId>
  /** Attempts that have ended, as the site says, and whose outputs are measured now: the site has nothing to do for them. */
  readonly measuring: Set<AttemptId>
  /** FULL reads that failed since the last that did not; and when a look or read last began. */
  readonly reads: Map<AttemptId, number>
  readonly askedAt: Map<AttemptId, number>
}

export function createSiteContact(): SiteContact {
  return {
    leaseSince: 0,
    lastAnswerAt: 0,
    lastSweep: undefined,
    quarantinedSince: undefined,
    unknownIds: false,
    sweeping: false,
    understood: new Set(),
    inFlight: new Set(),
    measuring: new Set(),
    reads: new Map(),
    askedAt: new Map(),
  }
}

/** A new lease knows nothing of the one before. */
export function beginLease(contact: SiteContact, at: number): void {
  contact.leaseSince = at
  contact.lastAnswerAt = 0
  contact.lastSweep = undefined
  contact.quarantinedSince = undefined
  contact.unknownIds = false
  contact.understood = new Set()
  contact.reads.clear()
  contact.askedAt.clear()
}

/** Takes over what a sweep taught about the listing itself. */
export function noteSweep(contact: SiteContact, sweep: SweepRecord, diff: SweepDiff): void {
  const { startedAt, endedAt, complete, view } = sweep
  contact.lastSweep = { startedAt, endedAt, complete, view }
  contact.unknownIds = diff.unknownIds || (!sweep.complete && contact.unknownIds)
  contact.understood = diff.understood
  if (diff.quarantined) contact.quarantinedSince ??= sweep.endedAt
  else if (sweep.complete) contact.quarantinedSince = undefined
}

/** Forgets attempts that the site worker no longer sees. */
export function pruneContact(contact: SiteContact, present: ReadonlySet<AttemptId>): void {
  for (const map of [contact.reads, contact.askedAt]) for (const id of map.keys()) if (!present.has(id)) map.delete(id)
}
