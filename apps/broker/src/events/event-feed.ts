/**
 * The event feed port: what happens to tasks, as one may see it, from the one table of events. Numbers rise in the order of the commits and come within a
 * second; what a reader may not see is skipped.
 *
 * Crash: a reader goes on after the last number that it has. Two readers: each has its own place.
 */
import type { AttemptId, SiteId, WorkId } from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import type { Principal } from '../auth/principal.ts'
import type { PersonRef } from '../stores/login-rows.ts'

export interface FedEvent {
  readonly number: number
  /** ms since 1970. */
  readonly at: number
  readonly kind: string
  readonly task: WorkId
  /** Of the task when the event was read: never behind the event, nor behind what the feed has told of the task before. */
  readonly state: TesState
  readonly attempt?: AttemptId | undefined
  readonly site?: SiteId | undefined
  /** Whose task it is, for the audit of those who see all; no answer names persons. */
  readonly owner: PersonRef
}

export interface FedPage {
  readonly events: readonly FedEvent[]
  /** The last number that was looked at, whether or not it may be seen: what to go on after. */
  readonly after: number
}

export interface EventFeed {
  /** The newest number: what to go on after for what is to come. */
  end(): number
  /** A page of what is there: `limit` events and 200 ms at most, then a short page. `task`: of it alone. From a number that is still to come it reads what is to come. */
  read(principal: Principal, task: WorkId | undefined, after: number, limit: number): Promise<FedPage>
  /** The number by which a task ended; undefined while it goes on, until the event has its number, and for who may not see it. */
  endOf(principal: Principal, task: WorkId): number | undefined
  /** Calls back when there may be something new. Answers what ends it. */
  onNews(listener: () => void): () => void
  [Symbol.asyncDispose](): Promise<void>
}
