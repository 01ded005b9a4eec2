/**
 * The port of the events' readers: the one table of events, read by number. Whoever reads it for a person looks at every event whether they may see it
 * (`seen`); the store does not. Crash: nothing is kept. Two callers: reads change nothing.
 */
import type { AttemptId, SiteId, WorkId } from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import type { Principal } from '../auth/principal.ts'
import type { Seen } from './visibility.ts'

/** An event about a task that has its number. */
export interface NumberedEvent {
  readonly number: number
  /** ms since 1970. */
  readonly at: number
  readonly kind: string
  readonly work: WorkId
  readonly attempt?: AttemptId | undefined
  readonly site?: SiteId | undefined
  /** Of the task, read in the same moment as the event. */
  readonly state: TesState
  /** Whose the task is. */
  readonly seen: Seen
}

export interface EventSlice {
  /** In the order of their numbers. */
  readonly events: readonly NumberedEvent[]
  /** The last number that was looked at; events about no task are passed over. */
  readonly after: number
}

/** All of them are for the broker itself. */
export interface EventReads {
  /** The newest number; 0 before the first. */
  lastEventNumber(principal: Principal): number
  /** The events after a number: at most `limit` are looked at. */
  listEvents(principal: Principal, after: number, limit: number): EventSlice
  /** The same of one task, at most `limit` of its own. */
  listEventsOf(principal: Principal, work: WorkId, after: number, limit: number): EventSlice
  /** The number of the event by which the task ended; undefined while it goes on or that is not numbered yet. */
  endNumberOf(principal: Principal, work: WorkId): number | undefined
}
