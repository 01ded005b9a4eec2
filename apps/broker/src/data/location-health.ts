/**
 * The port of locations' health: how their servers have answered, and whether they may be asked now. A server that was silent three times is left
 * in peace for a while, so that a dead one costs no placement its budget. In memory; a restart begins with `unknown`.
 */
import type { LocationId } from '@portolan/federation'
import type { StoreFailure } from './object-store.ts'

export interface LocationCondition {
  readonly state: 'up' | 'down' | 'unknown'
  /** Why it is down, in a few words. */
  readonly trouble?: string | undefined
}

export interface LocationHealth {
  /** False: do not ask it now. */
  may(location: LocationId): boolean
  /** It has answered (also that something is not there), or failed. */
  record(location: LocationId, failure: StoreFailure | undefined): void
  condition(location: LocationId): LocationCondition
}
