/**
 * What each kind of event does to an attempt where it applies. `transitions.ts` says where it applies.
 * A rule answers the fields that change, or a sentence that says why nothing does. Version and end of watch are common to all.
 */
import type { TerminalState } from '@portolan/tes'
import type { Attempt, AttemptEnd } from './attempt.ts'
import { furthest, impliesRun, isEnd } from './site-states.ts'
import type { AttemptEvent, AttemptEventKind } from './tracking.ts'

type EventMap = { readonly [K in AttemptEventKind]: Extract<AttemptEvent, { readonly kind: K }> }
/** The event of one kind; of several kinds, any of theirs. */
export type EventOf<K extends AttemptEventKind> = { readonly [P in K]: EventMap[P] & { readonly kind: P } }[K]
export type Changes = Partial<Attempt>
/** Contravariant in the event, so a rule for all events fits every column. */
export type Rule<K extends AttemptEventKind> = (attempt: Attempt, event: EventOf<K>) => Changes | string

/** How long the reaper watches the tag of an attempt that came to nothing, ms. */
const WATCH_MS = 86_400_000
/** Complete sweeps without its tag that make an AMBIGUOUS attempt ABSENT. */
const ABSENT_SWEEPS = 2

export const tooEarly = (): string => 'Nothing has been sent to the site yet.'
export const tooLate = (): string => 'The attempt has passed this point.'
export const noAnswer = (): string => 'The site has not given an id to the attempt.'
export const notRunning = (): string => 'The site does not show it running.'
export const notSilent = (): string => 'The site is not silent.'
export const over = (): string => 'The attempt is over; a late answer changes nothing.'

export const intend: Rule<'intend'> = (_, { linkHosts, linksUntil, pathMaps }) => ({
  state: 'INTENT',
  ...(linkHosts !== undefined && { linkHosts }),
  ...(linksUntil !== undefined && { linksUntil }),
  ...(pathMaps !== undefined && { pathMaps }),
})
export const send: Rule<'send'> = (_, { at }) => ({ state: 'SUBMITTING', submittedAt: at })
export const accept: Rule<'accept'> = (_, { at, siteTaskId }) => ({ state: 'ACCEPTED', siteTaskId, acceptedAt: at })

export const reject: Rule<'reject'> = (attempt, { at, rejection, detail }) =>
  close(attempt, at, 'REJECTED', { outcome: 'REJECTED', rejection, detail })

export const doubt: Rule<'doubt'> = (_, { at, settleMs }) => ({ state: 'AMBIGUOUS', settleUntil: at + settleMs, absentSweeps: 0 })

export const absent: Rule<'absent'> = (attempt, { at, settleMs }) => {
  const absentSweeps = attempt.absentSweeps + 1
  if (absentSweeps < ABSENT_SWEEPS) return { absentSweeps, settleUntil: at + settleMs }
  const detail = `${absentSweeps} complete listings after the settle time did not show it.`
  return { ...close(attempt, at, 'ABSENT', { outcome: 'ABSENT', detail }), absentSweeps, watchUntil: at + WATCH_MS }
}

/** A terminal state makes a candidate; any other one withdraws a candidate, since the site has taken it back. */
export const see: Rule<'see'> = (attempt, { at, state }) => {
  const back = { silentSince: undefined, suspectSince: undefined, seenAt: at } satisfies Changes
  if (isEnd(state)) {
    if (attempt.state === 'CANDIDATE' && attempt.candidate?.state === state) return 'The site has shown this end before.'
    return { ...back, state: 'CANDIDATE', candidate: attempt.candidate?.state === state ? attempt.candidate : { state, at, reads: 0 } }
  }
  const seen = furthest(attempt.seen, state)
  if (attempt.state === 'ACTIVE' && attempt.seen === seen) return 'The site shows nothing new.'
  const runs = impliesRun(seen)
  return {
    ...back,
    state: 'ACTIVE',
    seen,
    everRan: attempt.everRan || runs,
    ranSince: attempt.ranSince ?? (runs ? at : undefined),
    candidate: undefined,
    cancelConfirmations: 0,
  }
}

/** Ends that are looked at twice: some sites show them for a moment to tasks that run on. */
export function needsSecondRead(attempt: Attempt, state: TerminalState): boolean {
  return state === 'SYSTEM_ERROR' || state === 'PREEMPTED' || (state === 'CANCELED' && attempt.cancelWantedAt !== undefined)
}

export const confirm: Rule<'confirm'> = (attempt, { at, state, detail }) => {
  const reads = (attempt.candidate?.state === state ? attempt.candidate.reads : 0) + 1
  const cancelConfirmations = state === 'CANCELED' && attempt.cancelWantedAt !== undefined ? reads : 0
  const seen = {
    silentSince: undefined,
    suspectSince: undefined,
    seenAt: at,
    candidate: { state, at, reads },
    cancelConfirmations,
  } satisfies Changes
  if (reads < 2 && needsSecondRead(attempt, state)) return { ...seen, state: 'CANDIDATE' }
  return { ...seen, ...closeSeen(attempt, at, state, detail) }
}

export const suspect: Rule<'vanish'> = (_, { at }) => ({ state: 'SUSPECT', suspectSince: at, silentSince: undefined })

/** Gone twice. An end that was shown before and needs no second read still counts: a site may forget what is finished. */
export const forget: Rule<'vanish'> = (attempt, { at }) => {
  const shown = attempt.candidate?.state
  if (shown !== undefined && !needsSecondRead(attempt, shown)) {
    return closeSeen(attempt, at, shown, 'The site showed this end and then forgot the task, so its logs are lost.')
  }
  const detail = 'The site no longer knows the task.'
  return { ...close(attempt, at, 'MISSING', { outcome: 'MISSING', detail }), watchUntil: at + WATCH_MS }
}

export const silence: Rule<'silence'> = (_, { at }) => ({ state: 'STALE', silentSince: at })
export const lose: Rule<'lose'> = () => ({ state: 'LOST' })

export const wantCancel: Rule<'wantCancel'> = (attempt, { at }) =>
  attempt.cancelWantedAt === undefined ? { cancelWantedAt: at } : 'The cancel is wanted already.'

export const cancelSent: Rule<'cancelSent'> = (attempt, { at }) => ({ cancelWantedAt: attempt.cancelWantedAt ?? at, cancelSentAt: at })

/** A cancel that was wanted before, by the user or because the attempt was given up, leaves nothing to be judged. */
export const overrun: Rule<'overrun'> = (attempt, { at, limitMs, setBy }) => {
  if (attempt.ranSince === undefined) return notRunning()
  return attempt.cancelWantedAt === undefined ? { overrun: { at, limitMs, setBy }, cancelWantedAt: at } : 'The cancel is wanted already.'
}

export const withdrawUnsent: Rule<'withdrawUnsent'> = (attempt, { at, detail }) =>
  close(attempt, at, 'REJECTED', { outcome: 'UNSENT', detail })

/** The state stays: the site may still have it, and it is cancelled when the site answers. */
export const giveUp: Rule<'giveUp'> = (attempt, { at, detail }) =>
  attempt.givenUpAt === undefined
    ? { givenUpAt: at, watchUntil: at + WATCH_MS, end: { outcome: 'GIVEN_UP', detail }, cancelWantedAt: attempt.cancelWantedAt ?? at }
    : 'The attempt is given up already.'

function closeSeen(attempt: Attempt, at: number, state: TerminalState, detail: string): Changes {
  return {
    ...close(attempt, at, 'TERMINAL', { outcome: state, detail }),
    seen: state,
    everRan: attempt.everRan || impliesRun(state),
  }
}

/** What a given-up attempt reports in the end is not its end: that was decided when it was given up. */
function close(attempt: Attempt, at: number, state: Attempt['state'], end: AttemptEnd): Changes {
  return { state, endedAt: at, end: attempt.givenUpAt === undefined ? end : attempt.end }
}
