/**
 * What one listed task is to us: ours and followed, ours and in doubt, ours and unwanted, or other people's.
 */
import { type Attempt, isFinal } from './attempt.ts'
import type { AttemptId, SiteTaskId } from './ids.ts'
import { isEnd } from './site-states.ts'
import type { SiteView, SweepEntry, SweepResult } from './tracking.ts'

export type Meaning =
  /** The task of an attempt that is followed. */
  | { readonly kind: 'own'; readonly attempt: Attempt }
  /** It bears the tag of an attempt in doubt. */
  | { readonly kind: 'found'; readonly attempt: AttemptId }
  /** Ours, and it should not run. */
  | { readonly kind: 'unwanted'; readonly attempt: AttemptId; readonly reason: string }
  /** Nothing of ours lives in it. */
  | { readonly kind: 'settled' }
  /** A newer answer about it is known or under way. */
  | { readonly kind: 'wait' }
  /** Its tag is needed to tell whose it is. */
  | { readonly kind: 'unknown' }

/** How a listing is read: the attempts by both of their ids, and what earlier listings have explained. */
export interface Reading {
  readonly view: SiteView
  readonly sweep: SweepResult
  readonly bySiteTask: ReadonlyMap<SiteTaskId, Attempt>
  readonly byId: ReadonlyMap<AttemptId, Attempt>
  readonly understood: ReadonlySet<SiteTaskId>
}

/** Judges one entry. A tag is stronger than an id, since a site may use the id of a deleted task again. */
export function judgeEntry(reading: Reading, entry: SweepEntry): Meaning {
  const owner = reading.bySiteTask.get(entry.siteTaskId)
  if (owner !== undefined && (entry.tag === undefined || entry.tag.attempt === owner.id)) {
    return isFinal(owner)
      ? judgeLate(reading, owner, entry, 'Its attempt is over, and the site runs it on.')
      : { kind: 'own', attempt: owner }
  }
  if (entry.tag !== undefined) return judgeTagged(reading, entry, entry.tag.attempt)
  return reading.sweep.view === 'BASIC' || reading.understood.has(entry.siteTaskId) ? { kind: 'settled' } : { kind: 'unknown' }
}

/** A task with our tag whose id we do not have. */
function judgeTagged(reading: Reading, entry: SweepEntry, id: AttemptId): Meaning {
  const attempt = reading.byId.get(id)
  if (attempt === undefined) return judgeUnwanted(entry, id, 'It bears our tag, and nobody waits for it.')
  if (isFinal(attempt)) return judgeLate(reading, attempt, entry, 'It arrived after its attempt was over.')
  if (attempt.siteTaskId !== undefined) return judgeUnwanted(entry, id, 'It is a second copy of an attempt.')
  return attempt.state === 'AMBIGUOUS' && !reading.view.inFlight.has(id) ? { kind: 'found', attempt: id } : { kind: 'wait' }
}

/** A page that is older than the end of the attempt proves nothing against it. */
function judgeLate({ sweep }: Reading, attempt: Attempt, entry: SweepEntry, reason: string): Meaning {
  return (attempt.endedAt ?? 0) >= sweep.startedAt ? { kind: 'wait' } : judgeUnwanted(entry, attempt.id, reason)
}

/** What has ended needs no cancel. */
export function judgeUnwanted(entry: SweepEntry, attempt: AttemptId, reason: string): Meaning {
  return isEnd(entry.state) ? { kind: 'settled' } : { kind: 'unwanted', attempt, reason }
}
