/**
 * Builders for tests of tracking: they fill in what a row does not care about.
 */
import {
  type Attempt,
  type AttemptEvent,
  type AttemptId,
  placeAttempt,
  type Site,
  type SiteId,
  type SiteTaskId,
  type SiteView,
  type SweepEntry,
  type SweepResult,
  type TrackedAttempt,
  type Tracking,
  transition,
  type WorkId,
} from '../src/index.ts'

/** The moment at which every test's world begins, ms since 1970. */
export const T0 = 1_790_000_000_000

export const TRACKING: Tracking = {
  sweepMs: 30_000,
  settleMs: 60_000,
  siteTimeoutMs: 30_000,
  staleAfterMs: 120_000,
  lostAfterMs: 3_600_000,
  maxRetries: 3,
  measureMs: 10_000,
}

export const siteId = (id: string): SiteId => id as SiteId
export const workId = (id: string): WorkId => id as WorkId
export const attemptId = (id: string): AttemptId => id as AttemptId
export const siteTaskId = (id: string): SiteTaskId => id as SiteTaskId

export function siteWith(id: string, changes: Partial<Site> = {}): Site {
  return {
    id: siteId(id),
    name: id,
    api: 'tes',
    open: false,
    place: { country: 'DE' },
    capacity: {},
    network: { defaultMbps: 1000, from: {} },
    limits: { requestsPerSecond: 5, maxIdleTasks: 20, maxDocumentBytes: 262_144 },
    holds: [],
    maxSensitivity: 'controlled',
    policy: {},
    draining: false,
    capabilities: {
      inputSchemes: ['http', 'https'],
      outputSchemes: ['http', 'https'],
      ignoreError: true,
      wildcards: true,
      streamable: false,
      backendParameters: [],
      maxPageSize: 2048,
    },
    tracking: TRACKING,
    ...changes,
  }
}

/** Applies events to an attempt; fails where one does not apply, so that a row cannot describe what cannot happen. */
export function applyAll(attempt: Attempt, ...events: readonly AttemptEvent[]): Attempt {
  return events.reduce((before, event) => {
    const after = transition(before, event)
    if (!after.changed) throw new Error(`${event.kind} does not apply in ${before.state}: ${after.reason}`)
    return after.attempt
  }, attempt)
}

export function placed(changes: { id?: string; work?: string; site?: string; number?: number; at?: number } = {}): Attempt {
  const { id = 'a1', work = 'w1', site = 'bielefeld', number = 1, at = T0 } = changes
  return placeAttempt({ id: attemptId(id), work: workId(work), site: siteId(site), number, nonce: 'n', tagKeyId: 'k', epoch: 1, at })
}

type Changes = Parameters<typeof placed>[0]

export function submitting(changes: Changes = {}): Attempt {
  const at = changes.at ?? T0
  return applyAll(placed(changes), { kind: 'intend', at }, { kind: 'send', at })
}

/** The site's id of it is `site-` and its own. */
export function accepted(changes: Changes = {}): Attempt {
  const attempt = submitting(changes)
  return applyAll(attempt, { kind: 'accept', at: changes.at ?? T0, siteTaskId: siteTaskId(`site-${attempt.id}`) })
}

export function running(changes: Changes = {}): Attempt {
  return applyAll(accepted(changes), { kind: 'see', at: changes.at ?? T0, state: 'RUNNING' })
}

export function ambiguous(changes: Changes = {}): Attempt {
  return applyAll(submitting(changes), { kind: 'doubt', at: changes.at ?? T0, settleMs: TRACKING.settleMs, detail: 'timeout' })
}

export function ended(state: 'COMPLETE' | 'EXECUTOR_ERROR' | 'SYSTEM_ERROR' | 'PREEMPTED' | 'CANCELED', changes: Changes = {}): Attempt {
  const at = changes.at ?? T0
  const once = applyAll(running(changes), { kind: 'confirm', at, state, detail: `the site said ${state}` })
  return once.state === 'TERMINAL' ? once : applyAll(once, { kind: 'confirm', at, state, detail: `the site said ${state}` })
}

export function tracked(
  attempt: Attempt,
  changes: Partial<TrackedAttempt & { cancelRequestedAt: number; rerunnable: boolean; maxRunMs: number }> = {},
): TrackedAttempt {
  const { cancelRequestedAt, rerunnable = false, maxRunMs, ...rest } = changes
  return { attempt, work: { id: attempt.work, rerunnable, cancelRequestedAt, maxRunMs }, reads: 0, askedAt: T0 + 1_000_000_000, ...rest }
}

/** A site that has just answered and just been swept. */
export function viewOf(attempts: readonly TrackedAttempt[], changes: Partial<SiteView> = {}): SiteView {
  const now = changes.now ?? T0
  return {
    now,
    site: siteWith('bielefeld'),
    leaseSince: T0,
    lastAnswerAt: now,
    lastSweep: { startedAt: now, endedAt: now, complete: true, view: 'MINIMAL' },
    sweeping: false,
    inFlight: new Set(),
    measuring: new Set(),
    unknownIds: false,
    may: { submit: true, list: true, get: true, cancel: true },
    window: 5,
    attempts,
    ...changes,
  }
}

export function sweepOf(entries: readonly SweepEntry[], changes: Partial<SweepResult> = {}): SweepResult {
  const at = T0 + 100_000
  return { site: siteId('bielefeld'), startedAt: at, endedAt: at, complete: true, view: 'BASIC', entries, ...changes }
}
