/**
 * The port of uploads: who is putting which input of their own where, until it is there or given up. The bytes and the parts that have arrived are
 * known to the store of the location alone; nothing of them is kept here, and no link.
 *
 * Crash and two callers: as for the store whose file it shares. An upload that has ended stays ended; of two who end it one is told so.
 */
import type { LocationId, ProjectId } from '@portolan/federation'
import type { Principal } from '../auth/principal.ts'
import type { Page, PageOf, PersonRef } from './login-rows.ts'

declare const brand: unique symbol
export type UploadId = string & { readonly [brand]: 'UploadId' }

export interface NewUpload {
  readonly id: UploadId
  readonly project: ProjectId
  readonly location: LocationId
  /** As its owner calls it, below their own folder. */
  readonly name: string
  /** Where it goes, as tasks will name it. */
  readonly url: string
  /** What the store of the location calls it. */
  readonly storeId: string
  readonly bytes: number
  /** The size of each part but the last. */
  readonly partBytes: number
  /** Whether it may take the place of what is there. */
  readonly replace: boolean
  /** ms since 1970. */
  readonly expiresAt: number
}

/** How an upload came to its end. */
export type UploadEnd = 'completed' | 'aborted' | 'expired'

export interface UploadRow extends NewUpload {
  readonly owner: PersonRef
  /** ms since 1970. */
  readonly createdAt: number
  /** Absent: it is under way. */
  readonly end?: UploadEnd | undefined
}

/** Where to go on in a list that is ordered by expiry. */
export interface UploadPlace {
  readonly expiresAt: number
  readonly id: UploadId
}

export type UploadCommand =
  /** The upload is the principal's. Refused (`tooMany`) if they have `most` under way that have not expired. */
  | {
      readonly kind: 'createUpload'
      readonly principal: Principal
      readonly upload: NewUpload
      readonly most: number
      readonly now: number
    }
  /** By its owner, or by the broker itself. `notFound` also for what belongs to somebody else. */
  | { readonly kind: 'endUpload'; readonly principal: Principal; readonly id: UploadId; readonly end: UploadEnd; readonly now: number }
  /** Deletes those that have ended by `until`, at most `limit`; their events stay. Only for the broker itself. */
  | { readonly kind: 'sweepUploads'; readonly principal: Principal; readonly until: number; readonly limit: number }

export interface UploadResults {
  createUpload: { readonly outcome: 'created' | 'tooMany' }
  endUpload: { readonly outcome: 'ended' | 'alreadyEnded' | 'notFound' }
  sweepUploads: { readonly deleted: number }
}

export interface UploadStore {
  execute<C extends UploadCommand>(command: C): Promise<UploadResults[C['kind']]>
  /** One of the principal's own, ended or not; undefined for everybody else's, whatever the roles. */
  getUpload(principal: Principal, id: UploadId): UploadRow | undefined
  /** The principal's own that are under way and have not expired, newest first; a credential for one project shows those of that project. */
  listUploads(principal: Principal, page: Pick<PageOf, 'size' | 'after'>, now: number): Page<UploadRow>
  /** How many the principal has under way that have not expired, in all projects. */
  countUploads(principal: Principal, now: number): number
  /** Under way and expired by now, oldest first, at most `limit`, those after `after`. Only for the broker itself. */
  listExpiredUploads(principal: Principal, now: number, limit: number, after?: UploadPlace): readonly UploadRow[]
}
