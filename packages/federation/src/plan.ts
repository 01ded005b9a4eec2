/**
 * What one site needs now: every rule of time and window, as a pure function of what the holder of its lease sees.
 * Nothing is done here, and the executor makes no choices: it does the actions, records what comes of them, and plans again.
 */
import { type Attempt, isFinal } from './attempt.ts'
import { compareIds } from './ids.ts'
import { type Need, planAttempt } from './plan-attempt.ts'
import { sweepIntervalMs } from './sweep-interval.ts'
import type { Action, Plan, SiteView } from './tracking.ts'

/** When a request had to wait for the site's limit, ms. */
const BUDGET_RETRY_MS = 1000

/**
 * The actions that are due at `view.now`, changes of our own records first, and the moment to plan again if nothing happens before (never later
 * than one sweep's time). Requests that only ask (`look`, `read`) keep within what the site allows per second, counting those in flight.
 */
export function plan(view: SiteView): Plan {
  const needs = [...view.attempts.map(tracked => planAttempt(view, tracked)), planSweep(view)]
  const wanted = needs.flatMap(need => (need !== undefined && 'action' in need ? [need.action] : []))
  const withdrawn = new Set(wanted.flatMap(action => (action.kind === 'apply' ? [action.attempt] : [])))
  const asks = wanted.filter(isAsk).toSorted((a, b) => askRank(a) - askRank(b))
  const allowed = Math.max(1, Math.ceil(view.site.limits.requestsPerSecond) - view.inFlight.size)
  const actions = [
    ...wanted.filter(action => action.kind === 'apply'),
    ...planOffers(view, withdrawn),
    ...wanted.filter(action => action.kind === 'withdraw' || action.kind === 'sweep'),
    ...asks.slice(0, allowed),
  ]
  const moments = needs.flatMap(need => (need !== undefined && 'at' in need ? [need.at] : []))
  if (asks.length > allowed) moments.push(view.now + BUDGET_RETRY_MS)
  return { actions, nextAt: moments.reduce((first, at) => Math.min(first, at), view.now + view.site.tracking.sweepMs) }
}

/** Tasks of ours at the site, or perhaps on their way to it, that do not run yet. */
export function countIdle(attempts: Iterable<Attempt>): number {
  let idle = 0
  for (const attempt of attempts) if (isSent(attempt) && !attempt.everRan) idle += 1
  return idle
}

/** Oldest first, as many as the window has room for. */
function planOffers(view: SiteView, withdrawn: ReadonlySet<string>): readonly Action[] {
  if (!view.may.submit || view.site.draining) return []
  const waiting = view.attempts.flatMap(({ attempt }) => (isWaiting(attempt) ? [attempt] : []))
  const starting = waiting.filter(attempt => view.inFlight.has(attempt.id)).length
  const room = view.window - countIdle(view.attempts.map(({ attempt }) => attempt)) - starting
  return waiting
    .filter(attempt => !view.inFlight.has(attempt.id) && !withdrawn.has(attempt.id))
    .toSorted((a, b) => a.createdAt - b.createdAt || compareIds(a.id, b.id))
    .slice(0, Math.max(0, room))
    .map(attempt => ({ kind: 'offer', attempt: attempt.id }))
}

/** BASIC where tags are needed: the first under a lease, while a submission is in doubt, and when a listing showed unknown ids. */
function planSweep(view: SiteView): Need {
  if (view.sweeping || !view.may.list) return undefined
  const doubts = view.attempts.flatMap(({ attempt }) => (attempt.state === 'AMBIGUOUS' ? [attempt.settleUntil ?? 0] : []))
  const basic = view.lastSweep === undefined || view.unknownIds || doubts.length > 0
  const at = Math.max(nextSweepAt(view, doubts), 0)
  return at <= view.now ? { action: { kind: 'sweep', view: basic ? 'BASIC' : 'MINIMAL' } } : { at }
}

function nextSweepAt(view: SiteView, doubts: readonly number[]): number {
  const { lastSweep: last, site } = view
  if (last === undefined) return view.now
  const regular = last.startedAt + sweepIntervalMs(last, site)
  if (!last.complete || view.quarantinedSince !== undefined) return regular
  if (view.unknownIds && last.view === 'MINIMAL') return view.now
  return doubts.reduce((first, settled) => Math.min(first, settled), regular)
}

function isWaiting(attempt: Attempt): boolean {
  return attempt.state === 'PLACED' || attempt.state === 'INTENT'
}

function isSent(attempt: Attempt): boolean {
  return !isWaiting(attempt) && !isFinal(attempt)
}

function isAsk(action: Action): boolean {
  return action.kind === 'read' || action.kind === 'look'
}

/** An end is worth more than a glance. */
function askRank(action: Action): number {
  return action.kind === 'read' ? 0 : 1
}
