/**
 * The gateway port: how the reconciler speaks with one site. A gateway acts once and reports with evidence; it never retries a POST,
 * never decides, and never throws for what a site or a network can do.
 *
 * Crash: an `offer` whose promise never settled may or may not have reached the site. Two callers: the lease of the site allows one.
 */

import type { Capabilities, RejectionKind, SiteId, SiteTaskId, SiteTrouble } from '@portolan/federation'
import type { ReadTaskLog, TesState, TesTask, TesTaskLog, TesView } from '@portolan/tes'
import type { Person } from '../auth/subject-tokens.ts'

/** `accepted`: the site has it. `rejected`: it surely has not. `ambiguous`: nobody knows. */
export type OfferAnswer =
  | { readonly outcome: 'accepted'; readonly siteTaskId: SiteTaskId }
  | {
      readonly outcome: 'rejected'
      readonly rejection: RejectionKind
      readonly detail: string
      readonly retryAfterMs?: number | undefined
      readonly trouble?: SiteTrouble | undefined
      /** False: it failed before the site was asked, for a reason of this one person's. */
      readonly asked?: false | undefined
    }
  | { readonly outcome: 'ambiguous'; readonly detail: string; readonly trouble?: SiteTrouble | undefined }

export interface ObservedTask {
  readonly siteTaskId: SiteTaskId
  readonly state: TesState
  /** Only in BASIC. */
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** `complete` is false if any page failed; then nothing may be taken as missing. */
export interface Observation {
  readonly complete: boolean
  readonly tasks: readonly ObservedTask[]
  readonly failure?: SiteFailure | undefined
}

export interface SiteFailure {
  readonly kind: 'unreachable' | 'timeout' | 'auth' | 'busy' | 'server' | 'unreadable'
  readonly detail: string
  readonly retryAfterMs?: number | undefined
  readonly trouble?: SiteTrouble | undefined
}

export type ReadAnswer =
  | {
      readonly outcome: 'found'
      readonly state: TesState
      readonly log?: TesTaskLog | undefined
      readonly tags: Readonly<Record<string, string>>
    }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'failed'; readonly failure: SiteFailure }

export type LogAnswer =
  /** As the site shows it, executors that have not ended too; without our credentials. */
  | { readonly outcome: 'found'; readonly log?: ReadTaskLog | undefined }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'failed'; readonly failure: SiteFailure }

export type WithdrawAnswer =
  | { readonly outcome: 'taken' }
  /** The site says that it is over already, or knows no such task: read again. */
  | { readonly outcome: 'refused'; readonly detail: string }
  | { readonly outcome: 'failed'; readonly failure: SiteFailure }

export interface SiteGateway {
  readonly site: SiteId
  readonly capabilities: Capabilities
  /** `owner`: in whose name, where the site wants to know. `secrets`: URLs of the document that nobody else is to see; no answer holds them, nor any address at `linkHosts`. */
  offer(
    document: TesTask,
    owner: Person,
    signal: AbortSignal,
    secrets?: readonly string[],
    linkHosts?: readonly string[],
  ): Promise<OfferAnswer>
  /** Lists all tasks, all pages, with the largest page. */
  observe(view: 'MINIMAL' | 'BASIC', signal: AbortSignal): Promise<Observation>
  /** `linkHosts`: of its attempt; no text that the site shows holds more of an address there than the host. */
  read(siteTaskId: SiteTaskId, view: TesView, signal: AbortSignal, linkHosts?: readonly string[]): Promise<ReadAnswer>
  /** The log of a task that may still run, for people who look at it: everything else goes first. */
  readLog(siteTaskId: SiteTaskId, signal: AbortSignal, linkHosts?: readonly string[]): Promise<LogAnswer>
  /** Without an owner, or where they have no valid login any more, in the name of the broker. */
  withdraw(siteTaskId: SiteTaskId, owner: Person | undefined, signal: AbortSignal): Promise<WithdrawAnswer>
  [Symbol.asyncDispose](): Promise<void>
}
