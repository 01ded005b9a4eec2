/**
 * The words of tracking: what can happen to an attempt, what one site looks like to `plan()`, and what `plan()` may ask for.
 * `transition()` applies events, `plan()` chooses actions, `diffSweep()` turns a listing into events, `settleWork()` derives the
 * work item from its attempts. None of them acts.
 */
import type { TerminalState, TesState } from '@portolan/tes'
import type { Attempt, AttemptEnd, Overrun, RejectionKind } from './attempt.ts'
import type { AttemptId, SiteId, SiteTaskId, WorkId } from './ids.ts'
import type { PathMap } from './location.ts'
import type { Site } from './site.ts'

/** Everything that can happen to an attempt. `at` is ms since 1970. */
export type AttemptEvent =
  /**
   * `linkHosts`: those of links in the document that are no links of the broker; `linksUntil`: when the first of them ends, if that is soon.
   * `pathMaps`: those that paths of the task met.
   */
  | {
      readonly kind: 'intend'
      readonly at: number
      readonly linkHosts?: readonly string[] | undefined
      readonly linksUntil?: number | undefined
      readonly pathMaps?: readonly PathMap[] | undefined
    }
  | { readonly kind: 'send'; readonly at: number }
  | { readonly kind: 'accept'; readonly at: number; readonly siteTaskId: SiteTaskId }
  | { readonly kind: 'reject'; readonly at: number; readonly rejection: RejectionKind; readonly detail: string }
  /** The outcome of a submission is unknown. */
  | { readonly kind: 'doubt'; readonly at: number; readonly settleMs: number; readonly detail: string }
  /** A complete sweep that began after the settle time did not show the tag of an AMBIGUOUS attempt. The next one to prove it begins `settleMs` later:
   *  a site's short amnesia must not answer both, whoever asks. */
  | { readonly kind: 'absent'; readonly at: number; readonly settleMs: number }
  /** The site showed this state. A terminal one makes it a CANDIDATE only. */
  | { readonly kind: 'see'; readonly at: number; readonly state: TesState }
  /** A FULL read showed an end. Where two are needed the first only counts; a FULL read that shows no end is a `see`. */
  | { readonly kind: 'confirm'; readonly at: number; readonly state: TerminalState; readonly detail: string }
  /** A complete sweep did not show a known task, or the site answered 404. */
  | { readonly kind: 'vanish'; readonly at: number }
  | { readonly kind: 'silence'; readonly at: number }
  | { readonly kind: 'lose'; readonly at: number }
  | { readonly kind: 'wantCancel'; readonly at: number }
  | { readonly kind: 'cancelSent'; readonly at: number }
  /** It has run for longer than it may: it is to be cancelled, and the work item ends with it. */
  | { readonly kind: 'overrun'; readonly at: number; readonly limitMs: number; readonly setBy: Overrun['setBy'] }
  /** The work item was cancelled, or its site closed, before anything was sent. */
  | { readonly kind: 'withdrawUnsent'; readonly at: number; readonly detail: string }
  /** Only for rerunnable work and for operators: nothing it reports counts from now on. */
  | { readonly kind: 'giveUp'; readonly at: number; readonly detail: string }

export type AttemptEventKind = AttemptEvent['kind']

/** `changed: false` and a reason: the event does not apply in this state, and nothing is to be written. */
export type Transition = { readonly changed: true; readonly attempt: Attempt } | { readonly changed: false; readonly reason: string }

/** What plan() must know of the work item behind an attempt. */
export interface WorkIntent {
  readonly id: WorkId
  readonly cancelRequestedAt?: number | undefined
  readonly rerunnable: boolean
  /** How long it may run (`portolan_max_runtime`), ms. */
  readonly maxRunMs?: number | undefined
}

export interface SweepRecord {
  readonly startedAt: number
  readonly endedAt: number
  readonly complete: boolean
  readonly view: 'MINIMAL' | 'BASIC'
}

/** One site as the replica that holds its lease sees it. */
export interface SiteView {
  readonly now: number
  readonly site: Site
  /** When this replica claimed the site's lease. */
  readonly leaseSince: number
  /** When the site last answered anything; 0: not under this lease. */
  readonly lastAnswerAt: number
  /** The last sweep under this lease, failed ones too. */
  readonly lastSweep?: SweepRecord | undefined
  /** True while a sweep is under way. */
  readonly sweeping: boolean
  /** Since when sweeps have been quarantined one after the other; absent: the last complete one was believed. */
  readonly quarantinedSince?: number | undefined
  /** Attempts about which a request of this replica is under way: nothing more is asked about them now. A SUBMITTING attempt that is not
   *  among them was left behind by a crash. */
  readonly inFlight: ReadonlySet<AttemptId>
  /** Attempts whose outputs are being measured: nothing is asked about them either, though the site is not busy with them. */
  readonly measuring: ReadonlySet<AttemptId>
  /** True if a listing showed ids that nobody knows: only a BASIC listing has the tags to tell whose they are. */
  readonly unknownIds: boolean
  /** Which operations may be sent now: breakers and back-off are already counted in. */
  readonly may: { readonly submit: boolean; readonly list: boolean; readonly get: boolean; readonly cancel: boolean }
  /** How many not yet running tasks of ours the site may have now. */
  readonly window: number
  /** Attempts at this site that are not final, and final ones that the reaper still watches. */
  readonly attempts: readonly TrackedAttempt[]
}

/** True while this replica is about something that concerns the attempt: what else is due for it waits. */
export function isBusyWith({ inFlight, measuring }: Pick<SiteView, 'inFlight' | 'measuring'>, attempt: AttemptId): boolean {
  return inFlight.has(attempt) || measuring.has(attempt)
}

/** An attempt with what this replica remembers of its own questions; a crash may forget those. */
export interface TrackedAttempt {
  readonly attempt: Attempt
  readonly work: WorkIntent
  /** FULL reads that failed, since the last that did not. */
  readonly reads: number
  /** When a `look` or `read` of it last began, ms since 1970; 0: never. */
  readonly askedAt: number
}

/** What execute() is to do. It makes no choices of its own. */
export type Action =
  /** Write the intent (PLACED → INTENT, unless it is there), then SUBMITTING, then send. */
  | { readonly kind: 'offer'; readonly attempt: AttemptId }
  /** List the site's tasks, all pages. */
  | { readonly kind: 'sweep'; readonly view: 'MINIMAL' | 'BASIC' }
  /** Read one task in the FULL view, to confirm its end. */
  | { readonly kind: 'read'; readonly attempt: AttemptId; readonly siteTaskId: SiteTaskId }
  /** Ask for the state of one task: a young one, so that short tasks are seen quickly, or a SUSPECT. Found: `see`. 404: `vanish`. */
  | { readonly kind: 'look'; readonly attempt: AttemptId; readonly siteTaskId: SiteTaskId }
  /** Ask the site to cancel, then write `cancelSent`. */
  | { readonly kind: 'withdraw'; readonly attempt: AttemptId; readonly siteTaskId: SiteTaskId }
  | { readonly kind: 'apply'; readonly attempt: AttemptId; readonly event: AttemptEvent }

export interface Plan {
  readonly actions: readonly Action[]
  /** When to plan again if nothing happens before, ms since 1970. */
  readonly nextAt: number
}

/** What a listing showed of one task. `tag` is our signed tag, checked; absent in MINIMAL and on foreign tasks. */
export interface SweepEntry {
  readonly siteTaskId: SiteTaskId
  readonly state: TesState
  readonly tag?: { readonly work: WorkId; readonly attempt: AttemptId } | undefined
}

export interface SweepResult extends SweepRecord {
  readonly site: SiteId
  readonly entries: readonly SweepEntry[]
}

/** What follows from a sweep. */
export interface SweepDiff {
  readonly events: readonly { readonly attempt: AttemptId; readonly event: AttemptEvent }[]
  /** Site tasks to cancel: late arrivals, second copies, what was given up. Only after the events are written: a replica whose lease is lost
   *  might cancel what its successor has adopted. */
  readonly reap: readonly { readonly siteTaskId: SiteTaskId; readonly attempt?: AttemptId | undefined; readonly reason: string }[]
  /** True if so much vanished at once that the sweep is not believed: nothing counts as missing. */
  readonly quarantined: boolean
  /** True if ids were shown that nobody knows and that a MINIMAL listing cannot tell apart. */
  readonly unknownIds: boolean
  /** Listed ids that need no tag any more to be told apart, to be given to the next diff: ours, other people's, and what is over. */
  readonly understood: ReadonlySet<SiteTaskId>
}

/** What settleWork() must know of the work item itself. */
export interface SettledWork {
  readonly id: WorkId
  /** The state that the user sees now; QUEUED at first. */
  readonly state: TesState
  readonly cancelRequestedAt?: number | undefined
  readonly rerunnable: boolean
}

export interface SettleRules {
  /** How many times a failure that is not the tool's own is tried again. */
  readonly maxRetries: number
  /** After this time the end of a cancel, or of a run that was too long, is shown though a silent site has not confirmed it, ms. */
  readonly lostAfterMs: number
}

/** The work item as derived from its intent and its attempts. */
export interface WorkFate {
  /** What the user sees. Never steps back, never PREEMPTED or UNKNOWN. */
  readonly state: TesState
  readonly terminal: boolean
  /** `place`: find a site now. `wait`: something is under way. `done`: nothing more will happen. */
  readonly next: 'place' | 'wait' | 'done'
  /** The attempt that counts, whose logs and outputs are shown. */
  readonly counts?: AttemptId | undefined
  /** Sites that are not to be tried again, in the order of their attempts. */
  readonly triedSites: readonly SiteId[]
  /** Failures charged so far; more than `maxRetries` end the work item. */
  readonly failures: number
  /** Where the next attempt goes first: the site at which the last was reconciled absent. */
  readonly resendTo?: SiteId | undefined
  readonly end?: AttemptEnd | undefined
  /** Lines for `system_logs`, oldest first. */
  readonly notes: readonly string[]
  /** When to settle again if nothing happens before, ms since 1970. */
  readonly nextAt?: number | undefined
}
