/**
 * The event feed port: what happens to tasks, as one may see it, from the one table of events. Numbers rise in the order of the commits and come within a
 * second; what a reader may not see is skipped. Persons are not named.
 *
 * Crash: a reader goes on after the last number that it has. Two readers: each has its own place.
 */
import type { AttemptId, SiteId, WorkId } from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import type { Principal } from '../auth/principal.ts'

export interface FedEvent {
  readonly number: number
  /** ms since 1970. */
  readonly at: number
  readonly kind: string
  readonly task: WorkId
  /** Of the task when the event was read: never behind the event. */
  readonly state: TesState
  readonly attempt?: AttemptId | undefined
  readonly site?: SiteId | undefined
}

export interface FedPage {
  readonly events: readonly FedEvent[]
  /** The last number that was looked at, whether or not it may be seen: what to go on after. */
  readonly after: number
}

export interface EventFeed {
  /** The newest number: what to go on after for what is to come. */
  end(): number
  /** A page of what is there: 1,000 events at most, 200 ms at most, then a short page. `task`: of it alone. */
  read(principal: Principal, task: WorkId | undefined, after: number): Promise<FedPage>
  /** Calls back when there may be something new. Answers what ends it. */
  onNews(listener: () => void): () => void
  [Symbol.asyncDispose](): Promise<void>
}
