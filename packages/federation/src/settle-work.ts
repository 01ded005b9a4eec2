/**
 * Derives a work item from its intent and its attempts: what the user sees, and whether a site is to be found for it now.
 * It knows every rule about retries; where the next attempt may go is `place()`'s to say.
 */
import type { TerminalState, TesState } from '@portolan/tes'
import type { Attempt, AttemptEnd } from './attempt.ts'
import { chargeOf } from './charge.ts'
import { isFenced } from './fence.ts'
import { isEnd } from './site-states.ts'
import type { SettledWork, SettleRules, WorkFate } from './tracking.ts'
import { noteCancel, noteEarlier, noteLive } from './work-notes.ts'
import { advanceShown } from './work-path.ts'

type Known = Pick<WorkFate, 'counts' | 'triedSites' | 'failures'>

/**
 * The fate of a work item at `now` (ms since 1970). `attempts` are all of its attempts in any order. A new attempt may start only if the
 * answer is `place`, which it never is while an attempt is unfenced (I2) or once a cancel was requested (I5). A final state stays (I3).
 */
export function settleWork(work: SettledWork, attempts: readonly Attempt[], rules: SettleRules, now: number): WorkFate {
  const ordered = attempts.toSorted((a, b) => a.number - b.number)
  const live = ordered.findLast(attempt => !isFenced(attempt))
  const last = ordered.at(-1)
  const charged = ordered.filter(
    (attempt, index) => isFenced(attempt) && chargeOf(attempt, ordered.slice(0, index), work.rerunnable) === 'site',
  )
  const known: Known = {
    triedSites: [...new Set(charged.map(attempt => attempt.site))],
    failures: charged.length,
    counts: (live ?? last)?.id,
  }
  if (isEnd(work.state)) return done(known, work.state, last?.end, noteEarlier(ordered))
  if (live !== undefined) return follow(work, live, rules, now, known, noteEarlier(ordered.filter(attempt => attempt !== live)))
  if (last === undefined) {
    if (work.cancelRequestedAt === undefined) return again(known, work.state, [])
    const detail = 'Cancelled before a site was found.'
    return done(known, 'CANCELED', { outcome: 'CANCELED', detail }, [detail])
  }
  return conclude(work, last, chargeOf(last, ordered.slice(0, -1), work.rerunnable), rules, known, noteEarlier(ordered))
}

/** An attempt is under way. */
function follow(work: SettledWork, live: Attempt, rules: SettleRules, now: number, known: Known, earlier: readonly string[]): WorkFate {
  const notes = [...earlier, ...noteLive(live, work.rerunnable)]
  const state = advanceShown(work.state, live.seen)
  const waiting = { ...known, state, terminal: false, next: 'wait', notes } as const
  const since = work.cancelRequestedAt ?? live.overrun?.at
  if (since === undefined) return waiting
  if (work.cancelRequestedAt !== undefined && live.candidate?.state === 'CANCELED' && live.cancelConfirmations > 0) {
    return done(known, 'CANCELED', { outcome: 'CANCELED', detail: 'The site has confirmed the cancel.' }, notes)
  }
  const shownFrom = since + rules.lostAfterMs
  if (now < shownFrom) return { ...waiting, nextAt: shownFrom }
  if (!isSilent(live)) return waiting
  const detail = noteCancel(live)
  const outcome = work.cancelRequestedAt === undefined ? 'SYSTEM_ERROR' : 'CANCELED'
  return done(known, outcome, { outcome, detail }, [...notes, detail])
}

/** Every attempt is fenced, and `last` was the last. */
function conclude(
  work: SettledWork,
  last: Attempt,
  charge: ReturnType<typeof chargeOf>,
  rules: SettleRules,
  known: Known,
  notes: readonly string[],
): WorkFate {
  if (charge === 'end') return done(known, endState(work, last), last.end, notes)
  if (work.cancelRequestedAt !== undefined) return done(known, 'CANCELED', last.end, notes)
  if (known.failures > rules.maxRetries) {
    return done(known, 'SYSTEM_ERROR', last.end, [...notes, `Given up after ${known.failures} failed attempts at different sites.`])
  }
  const fate = again(known, work.state, notes)
  return charge === 'resend' ? { ...fate, resendTo: last.site } : fate
}

function endState(work: SettledWork, last: Attempt): TerminalState {
  const outcome = last.end?.outcome
  if (outcome === 'COMPLETE' || outcome === 'EXECUTOR_ERROR') return outcome
  // A cancel of the broker's own, because the run was too long, is not what the user means by CANCELED.
  if (last.overrun !== undefined) return work.cancelRequestedAt === undefined ? 'SYSTEM_ERROR' : 'CANCELED'
  return outcome === 'CANCELED' ? outcome : 'SYSTEM_ERROR'
}

/** Nobody can confirm anything about it now. */
function isSilent(attempt: Attempt): boolean {
  return attempt.state === 'STALE' || attempt.state === 'LOST' || attempt.state === 'AMBIGUOUS'
}

function again(known: Known, state: TesState, notes: readonly string[]): WorkFate {
  return { ...known, state, terminal: false, next: 'place', notes }
}

function done(known: Known, state: TerminalState, end: AttemptEnd | undefined, notes: readonly string[]): WorkFate {
  return { ...known, state, terminal: true, next: 'done', end, notes }
}
