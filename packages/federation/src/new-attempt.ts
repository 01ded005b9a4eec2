/**
 * The beginning of an attempt: a site is chosen and nothing is written for it there yet.
 */
import type { Attempt } from './attempt.ts'
import type { AttemptId, SiteId, WorkId } from './ids.ts'

export interface Placing {
  readonly id: AttemptId
  readonly work: WorkId
  readonly site: SiteId
  /** 1 for the first try of the work item. */
  readonly number: number
  readonly nonce: string
  readonly tagKeyId: string
  readonly epoch: number
  /** ms since 1970. */
  readonly at: number
}

/** A new attempt in the state PLACED, version 1. */
export function placeAttempt({ id, work, site, number, nonce, tagKeyId, epoch, at }: Placing): Attempt {
  return {
    id,
    work,
    site,
    number,
    nonce,
    tagKeyId,
    epoch,
    state: 'PLACED',
    version: 1,
    everRan: false,
    createdAt: at,
    absentSweeps: 0,
    cancelConfirmations: 0,
  }
}
