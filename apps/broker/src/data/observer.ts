/**
 * Who is told of what happens to data. Feeds metrics; what an observer does changes nothing. No URL is ever told.
 */
import type { LocationId } from '@portolan/federation'
import type { StoreFailure } from './object-store.ts'

export type StoreOperation = 'head' | 'list' | 'read' | 'resolve' | 'upload'

export interface DataObserver {
  /** `failure` absent: it has answered. */
  asked(location: LocationId, operation: StoreOperation, ms: number, failure: StoreFailure['kind'] | undefined): void
  /** What became of the inputs of one placement. */
  located(known: number, missing: number, assumed: number, ms: number): void
  measured(outcome: 'whole' | 'partly' | 'nothing', ms: number): void
  linked(location: LocationId, use: 'staging' | 'person' | 'upload'): void
  /** Bytes that passed through this process. */
  relayed(direction: 'down' | 'up', bytes: number): void
}
