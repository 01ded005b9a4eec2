/**
 * An attempt: one try of a work item at one site, and everything that is known about it.
 * The record is what the store keeps; `transition()` is the only function that makes a new one from an old one.
 */
import type { TerminalState, TesState } from '@portolan/tes'
import type { AttemptId, SiteId, SiteTaskId, WorkId } from './ids.ts'
import type { PathMap } from './location.ts'

/** A work item without an attempt is HELD; that is a state of the work item, not of an attempt. */
export const ATTEMPT_STATES = [
  /** A site is chosen; nothing is written for it yet. */
  'PLACED',
  /** The intent is durable; surely no byte was sent. */
  'INTENT',
  /** The request may be on its way. */
  'SUBMITTING',
  /** The site has answered with an id. */
  'ACCEPTED',
  /** The site shows it as queued, initialising, running or paused. */
  'ACTIVE',
  /** The site has shown an end; the FULL read has yet to confirm it. */
  'CANDIDATE',
  /** The end is confirmed. */
  'TERMINAL',
  /** Surely not created at the site. */
  'REJECTED',
  /** Nobody knows whether the site has created it. */
  'AMBIGUOUS',
  /** Two complete sweeps after the settle time have not shown it. */
  'ABSENT',
  /** The site is silent; the last state stands. */
  'STALE',
  /** The site has been silent for long. */
  'LOST',
  /** A complete sweep did not show it, or the site answered 404, once. */
  'SUSPECT',
  /** The site has forgotten it. */
  'MISSING',
] as const
export type AttemptState = (typeof ATTEMPT_STATES)[number]

/** Why a site did not take an offer, from the evidence of the gateway. */
export type RejectionKind =
  /** No byte of the request reached the site (DNS, refused, TLS). */
  | 'unsent'
  /** The site is busy (429). */
  | 'busy'
  /** The site does not accept our credential (401, 403). */
  | 'auth'
  /** The site refuses the document (400, 413, 422): no other site gets it as it stands. */
  | 'document'
  /** Any other refusal (4xx). */
  | 'refused'

export interface AttemptEnd {
  /** The site's final state, or how the attempt ended without one. */
  readonly outcome:
    | 'COMPLETE'
    | 'EXECUTOR_ERROR'
    | 'SYSTEM_ERROR'
    | 'CANCELED'
    | 'PREEMPTED'
    | 'REJECTED'
    | 'ABSENT'
    | 'MISSING'
    | 'GIVEN_UP'
    | 'UNSENT'
  readonly detail: string
  readonly rejection?: RejectionKind | undefined
}

/** An end that a site has shown and that the FULL read has yet to confirm. */
export interface CandidateEnd {
  readonly state: TerminalState
  /** When it was first shown, or last read; ms since 1970. */
  readonly at: number
  /** FULL reads that showed it. SYSTEM_ERROR, PREEMPTED, and CANCELED after our own cancel need two. */
  readonly reads: number
}

/** The attempt has run for longer than it may. Once noted the work item ends with this attempt (RUN_TOO_LONG). */
export interface Overrun {
  /** When it was noticed; ms since 1970. */
  readonly at: number
  readonly limitMs: number
  /** Whose limit it is: `portolan_max_runtime` of the task, or the `capacity.maxRunHours` of the site. */
  readonly setBy: 'task' | 'site'
}

export interface Attempt {
  readonly id: AttemptId
  readonly work: WorkId
  readonly site: SiteId
  /** 1 for the first try of the work item. */
  readonly number: number
  readonly state: AttemptState
  /** Rises by one with every accepted change. */
  readonly version: number
  /** The epoch of the site's lease under which it was last written. */
  readonly epoch: number
  /** Random; part of the signed tag. */
  readonly nonce: string
  /** Which key signed the tag. */
  readonly tagKeyId: string
  readonly siteTaskId?: SiteTaskId | undefined
  /** The furthest state that the site has shown; never moves back. A final state only once it is confirmed. */
  readonly seen?: TesState | undefined
  readonly candidate?: CandidateEnd | undefined
  /** True once the site has shown RUNNING or a state that implies it. */
  readonly everRan: boolean
  /** When the site first showed it begun and not yet over. Its run is counted from here, pauses too; ms since 1970. */
  readonly ranSince?: number | undefined
  readonly overrun?: Overrun | undefined
  /** All times ms since 1970. */
  readonly createdAt: number
  readonly submittedAt?: number | undefined
  readonly acceptedAt?: number | undefined
  /** When the site last showed something new of it. */
  readonly seenAt?: number | undefined
  /** Since when it is STALE or LOST; and SUSPECT. */
  readonly silentSince?: number | undefined
  readonly suspectSince?: number | undefined
  readonly endedAt?: number | undefined
  /** Sweeps that began before this moment prove nothing about an AMBIGUOUS attempt. */
  readonly settleUntil?: number | undefined
  /** Complete sweeps after `settleUntil` that did not show it. */
  readonly absentSweeps: number
  /** When the broker decided to cancel it at the site; and when it last asked. */
  readonly cancelWantedAt?: number | undefined
  readonly cancelSentAt?: number | undefined
  /** FULL reads that showed CANCELED after our own cancel. */
  readonly cancelConfirmations: number
  /** When a rerunnable work item gave the attempt up; nothing it reports counts from then on. */
  readonly givenUpAt?: number | undefined
  /** Until when the reaper watches for a late arrival of its tag. */
  readonly watchUntil?: number | undefined
  readonly end?: AttemptEnd | undefined
  /** Hosts of links that a DRS server gave for its document: what a site writes of addresses there opens something. */
  readonly linkHosts?: readonly string[] | undefined
  /** When the first of those links ends, if that is soon; ms since 1970. */
  readonly linksUntil?: number | undefined
  /** The maps that paths of its task met when it was sent: what they meant to its site. Absent: its task names no path. */
  readonly pathMaps?: readonly PathMap[] | undefined
}

/** States in which nothing can come of the attempt any more, whatever a site says. */
export const FINAL_ATTEMPT_STATES = ['TERMINAL', 'REJECTED', 'ABSENT', 'MISSING'] as const satisfies readonly AttemptState[]
export type FinalAttemptState = (typeof FINAL_ATTEMPT_STATES)[number]

const final: ReadonlySet<AttemptState> = new Set(FINAL_ATTEMPT_STATES)

/** True if nothing can come of the attempt any more. */
export function isFinal(attempt: Attempt): attempt is Attempt & { readonly state: FinalAttemptState } {
  return final.has(attempt.state)
}
