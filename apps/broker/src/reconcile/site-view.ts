/**
 * What `plan()` is told of one site: the attempts there as their rows say, and the contact with it as it stands. Pure.
 */
import type { Attempt, Site, SiteView, WorkIntent } from '@portolan/federation'
import type { WorkRow } from '../stores/store.ts'
import type { SiteContact } from './site-contact.ts'

export interface SiteRow {
  readonly attempt: Attempt
  readonly work: WorkRow
}

export interface SiteLook extends Pick<SiteView, 'now' | 'may' | 'window' | 'inFlight' | 'measuring'> {
  readonly site: Site
  readonly rows: readonly SiteRow[]
}

export function viewOf({ site, rows, now, may, window, inFlight, measuring }: SiteLook, contact: SiteContact): SiteView {
  return {
    now,
    site,
    leaseSince: contact.leaseSince,
    lastAnswerAt: contact.lastAnswerAt,
    lastSweep: contact.lastSweep,
    quarantinedSince: contact.quarantinedSince,
    unknownIds: contact.unknownIds,
    sweeping: contact.sweeping,
    may,
    window,
    inFlight,
    measuring,
    attempts: rows.map(({ attempt, work }) => ({
      attempt,
      work: intentOf(work),
      reads: contact.reads.get(attempt.id) ?? 0,
      askedAt: contact.askedAt.get(attempt.id) ?? 0,
    })),
  }
}

function intentOf({ id, cancelRequestedAt, rerunnable, maxRunMs }: WorkRow): WorkIntent {
  return { id, cancelRequestedAt, rerunnable, maxRunMs }
}
