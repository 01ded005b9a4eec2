/**
 * What a listing of a site's tasks means for our attempts there: news, adoptions, disappearances, and tasks to cancel.
 */
import { type Attempt, isFinal } from './attempt.ts'
import { type AttemptId, compareIds, type SiteTaskId } from './ids.ts'
import { judgeEntry, judgeUnwanted, type Meaning, type Reading } from './judge-entry.ts'
import { rankOf } from './site-states.ts'
import { type AttemptEvent, isBusyWith, type SiteView, type SweepDiff, type SweepEntry, type SweepResult } from './tracking.ts'
import { transition } from './transitions.ts'

/** More than one in five, and at least so many, vanish in one listing: the listing is not believed. */
const QUARANTINE_MIN = 5
const QUARANTINE_PART = 5
/** The most between two listings that are to prove an absence, ms. */
const SECOND_LOOK_MAX_MS = 5000

interface Judged {
  readonly entry: SweepEntry
  readonly meaning: Meaning
}

/**
 * `view` is made after the sweep ended, so that it has every attempt whose task the listing may show; what was accepted or seen since the sweep
 * began is fresher than the listing and stays. `understood` is what the diff before answered (empty at first): ids that a MINIMAL listing need
 * not explain again. Every entry of `reap` is answered again by later sweeps until the site shows an end.
 */
export function diffSweep(view: SiteView, sweep: SweepResult, understood: ReadonlySet<SiteTaskId>): SweepDiff {
  const attempts = view.attempts.map(({ attempt }) => attempt)
  const entries = mergeEntries(sweep.entries)
  const reading: Reading = {
    view,
    sweep,
    understood,
    bySiteTask: new Map(attempts.flatMap(attempt => (attempt.siteTaskId === undefined ? [] : [[attempt.siteTaskId, attempt] as const]))),
    byId: new Map(attempts.map(attempt => [attempt.id, attempt])),
  }
  const judged = chooseAmongCopies([...entries.values()].map(entry => ({ entry, meaning: judgeEntry(reading, entry) })))
  const expected = attempts.filter(attempt => !isBusyWith(view, attempt.id) && isExpected(attempt, sweep))
  const shown = new Set(judged.flatMap(({ meaning }) => (meaning.kind === 'own' ? [meaning.attempt.id] : [])))
  const found = new Set(judged.flatMap(({ meaning }) => (meaning.kind === 'found' ? [meaning.attempt] : [])))
  const gone = sweep.complete ? expected.filter(attempt => !shown.has(attempt.id)) : []
  const quarantined = isUnbelievable(view, gone.length, expected.length)
  const absent = quarantined ? [] : attempts.filter(attempt => !found.has(attempt.id) && provesAbsent(view, sweep, attempt))
  const settleMs = Math.min(view.site.tracking.sweepMs, SECOND_LOOK_MAX_MS)
  return {
    events: [
      ...judged.flatMap(one => tellNews(view, sweep, one)),
      ...(quarantined ? [] : gone).map(({ id }) => ({ attempt: id, event: { kind: 'vanish', at: view.now } }) as const),
      ...absent.map(({ id }) => ({ attempt: id, event: { kind: 'absent', at: view.now, settleMs } }) as const),
    ],
    reap: judged.flatMap(({ entry: { siteTaskId }, meaning }) =>
      meaning.kind === 'unwanted' ? [{ siteTaskId, attempt: meaning.attempt, reason: meaning.reason }] : [],
    ),
    quarantined,
    unknownIds: judged.some(({ meaning }) => meaning.kind === 'unknown'),
    understood: new Set([...(sweep.complete ? [] : understood), ...judged.filter(isUnderstood).map(({ entry }) => entry.siteTaskId)]),
  }
}

/** The same task on two pages is normal: the further state counts. */
function mergeEntries(entries: readonly SweepEntry[]): ReadonlyMap<SiteTaskId, SweepEntry> {
  const merged = new Map<SiteTaskId, SweepEntry>()
  for (const entry of entries) {
    const other = merged.get(entry.siteTaskId)
    if (other === undefined || rankOf(other.state) < rankOf(entry.state)) merged.set(entry.siteTaskId, entry)
  }
  return merged
}

/** Where a submission in doubt has arrived more than once, the copy that is further advanced is adopted and the others are unwanted. */
function chooseAmongCopies(judged: readonly Judged[]): readonly Judged[] {
  const best = new Map<AttemptId, SweepEntry>()
  for (const { entry, meaning } of judged) {
    if (meaning.kind !== 'found') continue
    const other = best.get(meaning.attempt)
    if (other === undefined || isFurther(entry, other)) best.set(meaning.attempt, entry)
  }
  return judged.map(({ entry, meaning }) => {
    if (meaning.kind !== 'found' || best.get(meaning.attempt) === entry) return { entry, meaning }
    return { entry, meaning: judgeUnwanted(entry, meaning.attempt, 'It is a second copy of an attempt.') }
  })
}

function isFurther(entry: SweepEntry, other: SweepEntry): boolean {
  const ahead = rankOf(entry.state) - rankOf(other.state)
  return ahead > 0 || (ahead === 0 && compareIds(entry.siteTaskId, other.siteTaskId) < 0)
}

/** The events of one entry: an adoption, or what its state changes. */
function tellNews(view: SiteView, sweep: SweepResult, { entry, meaning }: Judged): SweepDiff['events'] {
  const see: AttemptEvent = { kind: 'see', at: view.now, state: entry.state }
  if (meaning.kind === 'found') {
    const accept: AttemptEvent = { kind: 'accept', at: view.now, siteTaskId: entry.siteTaskId }
    return [accept, see].map(event => ({ attempt: meaning.attempt, event }))
  }
  if (meaning.kind !== 'own' || (meaning.attempt.seenAt ?? 0) >= sweep.startedAt) return []
  return transition(meaning.attempt, see).changed ? [{ attempt: meaning.attempt.id, event: see }] : []
}

function isUnderstood({ meaning: { kind } }: Judged): boolean {
  return kind === 'own' || kind === 'found' || kind === 'settled'
}

/** The site had accepted it before the first page was asked for, so a complete listing has to show it. A SUSPECT is settled by a `look`; and where
 *  a question is under way its answer is the first doubt, or a listing and a 404 of the same moment would count as two. */
function isExpected(attempt: Attempt, sweep: SweepResult): boolean {
  if (isFinal(attempt) || attempt.acceptedAt === undefined || attempt.state === 'SUSPECT') return false
  return attempt.acceptedAt < sweep.startedAt && (attempt.seenAt ?? 0) < sweep.startedAt
}

/** A mass disappearance that goes on for as long as makes a site lost is believed in the end. */
function isUnbelievable(view: SiteView, gone: number, expected: number): boolean {
  if (gone < QUARANTINE_MIN || gone * QUARANTINE_PART <= expected) return false
  return view.quarantinedSince === undefined || view.now - view.quarantinedSince < view.site.tracking.lostAfterMs
}

/** Only a complete listing with tags that began after the settle time proves anything about a submission in doubt. */
function provesAbsent(view: SiteView, sweep: SweepResult, attempt: Attempt): boolean {
  if (attempt.state !== 'AMBIGUOUS' || attempt.settleUntil === undefined || view.inFlight.has(attempt.id)) return false
  return sweep.complete && sweep.view === 'BASIC' && sweep.startedAt >= attempt.settleUntil
}
