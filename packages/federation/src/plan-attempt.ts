/**
 * What one attempt needs now, and when it needs something next. One array of rules, read top to bottom; the first that wants to act does.
 */
import type { Attempt } from './attempt.ts'
import { limitRun } from './run-limit.ts'
import { sweepIntervalMs } from './sweep-interval.ts'
import { type Action, type AttemptEvent, isBusyWith, type SiteView, type TrackedAttempt } from './tracking.ts'
import { needsSecondRead } from './transition-rules.ts'

/** Act now, wake at a moment (ms since 1970), or nothing. */
export type Need = { readonly action: Action } | { readonly at: number } | undefined
type Rule = (view: SiteView, tracked: TrackedAttempt) => Need

/** After an acceptance or a cancel the site is asked again after these times, ms. */
const LOOK_AFTER = [1000, 2000, 4000, 8000, 16_000] as const
/** The most between two cancels of the same task, two tries to read it, and two reads of an end that needs both, ms. */
const CANCEL_BACKOFF_MAX_MS = 300_000
const READ_BACKOFF_MAX_MS = 60_000
const SECOND_READ_MAX_MS = 5000
const BACKOFF_MIN_MS = 1000

/** What the attempt needs; nothing while a request about it is under way, or its outputs are measured. */
export function planAttempt(view: SiteView, tracked: TrackedAttempt): Need {
  if (isBusyWith(view, tracked.attempt.id)) return undefined
  let at: number | undefined
  for (const rule of RULES) {
    const need = rule(view, tracked)
    if (need === undefined) continue
    if ('action' in need) return need
    at = at === undefined ? need.at : Math.min(at, need.at)
  }
  return at === undefined ? undefined : { at }
}

/**
 * Since when the site has said nothing, as far as this replica can tell. While a site whose listings take long is left in peace, it is the
 * broker that is silent: such a pause counts as one sweep's time at most.
 */
function silentSince({ lastAnswerAt, leaseSince, lastSweep, site }: SiteView): number {
  const answered = lastSweep?.complete === true && lastSweep.endedAt <= lastAnswerAt
  const peace = answered ? lastSweep.startedAt + sweepIntervalMs(lastSweep, site) - site.tracking.sweepMs : 0
  return Math.max(lastAnswerAt, leaseSince, peace)
}

const withdrawUnsent: Rule = (view, { attempt, work }) => {
  if (attempt.state !== 'PLACED' && attempt.state !== 'INTENT') return undefined
  const withdraw = (detail: string): Need => apply(attempt, { kind: 'withdrawUnsent', at: view.now, detail })
  if (work.cancelRequestedAt !== undefined) return withdraw('Cancelled before it was sent.')
  if (view.site.draining) return withdraw('The site is draining and takes no new tasks.')
  const until = attempt.createdAt + view.site.tracking.staleAfterMs
  return until <= view.now ? withdraw('The site had no room for it in time, or did not answer.') : { at: until }
}

/** Nobody is sending it, so a crash came between. Whether the request left is unknown, and it may be as young as the crash: the time that a
 *  request of ours may take comes before the time that the site may take. */
const doubt: Rule = (view, { attempt }) => {
  if (attempt.state !== 'SUBMITTING') return undefined
  const { settleMs, siteTimeoutMs } = view.site.tracking
  const detail = 'The broker stopped while the request was under way.'
  return apply(attempt, { kind: 'doubt', at: view.now, settleMs: siteTimeoutMs + settleMs, detail })
}

const silence: Rule = (view, { attempt }) => {
  if (!isFollowed(attempt)) return undefined
  return due(view, silentSince(view) + view.site.tracking.staleAfterMs, () => apply(attempt, { kind: 'silence', at: view.now }))
}

const lose: Rule = (view, { attempt }) => {
  if (attempt.state !== 'STALE' || attempt.silentSince === undefined || !isSilent(view)) return undefined
  const { lostAfterMs, staleAfterMs } = view.site.tracking
  const at = attempt.silentSince + Math.max(0, lostAfterMs - staleAfterMs)
  return due(view, at, () => apply(attempt, { kind: 'lose', at: view.now }))
}

/** Only for work that may run twice, which is not what has run too long; an AMBIGUOUS one is lost as well when its site stays silent. */
const giveUp: Rule = (view, { attempt, work }) => {
  if (!work.rerunnable || work.cancelRequestedAt !== undefined || attempt.givenUpAt !== undefined || attempt.overrun !== undefined) {
    return undefined
  }
  const act = (): Need =>
    apply(attempt, { kind: 'giveUp', at: view.now, detail: 'The site has been silent too long, and the task is marked rerunnable.' })
  if (attempt.state === 'LOST') return isSilent(view) ? act() : undefined
  if (attempt.state !== 'AMBIGUOUS') return undefined
  const since = Math.max(view.lastAnswerAt, attempt.submittedAt ?? attempt.createdAt)
  if (!isSilent(view)) return { at: silentSince(view) + view.site.tracking.staleAfterMs }
  return due(view, since + view.site.tracking.lostAfterMs, act)
}

const wantCancel: Rule = (view, { attempt, work }) => {
  if (work.cancelRequestedAt === undefined || attempt.cancelWantedAt !== undefined) return undefined
  if (!isFollowed(attempt) && !isUnheard(attempt) && attempt.state !== 'AMBIGUOUS') return undefined
  return apply(attempt, { kind: 'wantCancel', at: view.now })
}

/** Only what the site shows running: of what a silent site does with it nothing is known. */
const overrun: Rule = (view, { attempt, work }) => {
  const limit = limitRun(work, view.site)
  if (attempt.state !== 'ACTIVE' || attempt.ranSince === undefined || attempt.cancelWantedAt !== undefined) return undefined
  if (limit === undefined || work.cancelRequestedAt !== undefined) return undefined
  return due(view, attempt.ranSince + limit.limitMs, () => apply(attempt, { kind: 'overrun', at: view.now, ...limit }))
}

/** Repeated until the site shows an end, each time after twice the time since the first wish. */
const withdraw: Rule = (view, { attempt }) => {
  const { siteTaskId, cancelWantedAt, cancelSentAt } = attempt
  if (cancelWantedAt === undefined || siteTaskId === undefined || !view.may.cancel) return undefined
  if (attempt.state !== 'ACCEPTED' && attempt.state !== 'ACTIVE' && !isUnheard(attempt)) return undefined
  const at =
    cancelSentAt === undefined
      ? view.now
      : cancelSentAt + Math.min(Math.max(cancelSentAt - cancelWantedAt, BACKOFF_MIN_MS), CANCEL_BACKOFF_MAX_MS)
  return due(view, at, () => ({ action: { kind: 'withdraw', attempt: attempt.id, siteTaskId } }))
}

const read: Rule = (view, { attempt, reads, askedAt }) => {
  const { siteTaskId, candidate } = attempt
  if (attempt.state !== 'CANDIDATE' || siteTaskId === undefined || candidate === undefined || !view.may.get) return undefined
  const again = candidate.reads > 0 && needsSecondRead(attempt, candidate.state)
  const spaced = again ? candidate.at + Math.min(view.site.tracking.sweepMs, SECOND_READ_MAX_MS) : view.now
  const retry = reads === 0 ? view.now : askedAt + Math.min(BACKOFF_MIN_MS * 2 ** Math.min(reads - 1, 16), READ_BACKOFF_MAX_MS)
  return due(view, Math.max(spaced, retry), () => ({ action: { kind: 'read', attempt: attempt.id, siteTaskId } }))
}

/** A listing raises the suspicion; the site's own word about this task, a sweep's time later, settles it. */
const lookAtSuspect: Rule = (view, { attempt, askedAt }) => {
  const { siteTaskId, suspectSince } = attempt
  if (attempt.state !== 'SUSPECT' || siteTaskId === undefined || suspectSince === undefined || !view.may.get) return undefined
  const at = Math.max(suspectSince, askedAt) + view.site.tracking.sweepMs
  return due(view, at, () => ({ action: { kind: 'look', attempt: attempt.id, siteTaskId } }))
}

/** What was due before this lease began is told by its first sweep, for all tasks at once: after a restart none is asked for by itself. */
const lookAtYoung: Rule = (view, { attempt, askedAt }) => {
  const { siteTaskId } = attempt
  if ((attempt.state !== 'ACCEPTED' && attempt.state !== 'ACTIVE') || siteTaskId === undefined || !view.may.get) return undefined
  const since = Math.max(attempt.acceptedAt ?? 0, attempt.cancelSentAt ?? 0)
  const next = LOOK_AFTER.map(offset => since + offset).find(at => at > Math.max(askedAt, view.leaseSince))
  return next === undefined ? undefined : due(view, next, () => ({ action: { kind: 'look', attempt: attempt.id, siteTaskId } }))
}

const RULES: readonly Rule[] = [
  withdrawUnsent,
  doubt,
  silence,
  lose,
  giveUp,
  wantCancel,
  overrun,
  withdraw,
  read,
  lookAtSuspect,
  lookAtYoung,
]

function isSilent(view: SiteView): boolean {
  return view.now - silentSince(view) >= view.site.tracking.staleAfterMs
}

/** The site has it and is expected to tell of it. */
function isFollowed({ state }: Attempt): boolean {
  return state === 'ACCEPTED' || state === 'ACTIVE' || state === 'CANDIDATE' || state === 'SUSPECT'
}

function isUnheard({ state }: Attempt): boolean {
  return state === 'STALE' || state === 'LOST'
}

function due(view: SiteView, at: number, act: () => Need): Need {
  return at <= view.now ? act() : { at }
}

function apply(attempt: Attempt, event: AttemptEvent): Need {
  return { action: { kind: 'apply', attempt: attempt.id, event } }
}
