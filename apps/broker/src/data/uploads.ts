/**
 * The port of uploads: people's own inputs, begun at the store of a location and noted here, sent in parts by links or through this process, and whole
 * only when the store itself says that every part is there. Whether somebody may do it is decided before.
 *
 * Crash: an upload that was begun at the store and not noted stays there until the store's own rules end it; one that was completed there and not
 * noted is found to be so when it is completed again, or given up. Two callers: of two who complete or end an upload both hear how it ended, as long
 * as they ask one process.
 */
import type { LocationId, ProjectId } from '@portolan/federation'
import type { Principal } from '../auth/principal.ts'
import type { Page, PageOf, PersonRef } from '../stores/login-rows.ts'
import type { UploadEnd, UploadRow } from '../stores/upload-store.ts'
import type { ObjectFacts, ObjectLink, StoredPart, StoreFailure } from './object-store.ts'

/** An upload as somebody wants it. */
export interface WantedUpload {
  readonly project: ProjectId
  readonly name: string
  readonly url: string
  readonly bytes: number
  readonly replace: boolean
}

export type UploadAnswer<T> =
  | { readonly outcome: 'done'; readonly value: T }
  /** Something is there already. */
  | { readonly outcome: 'exists' }
  /** The store does not know it any more. */
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'incomplete'; readonly parts: readonly number[] }
  | { readonly outcome: 'tooMany'; readonly most: number }
  | { readonly outcome: 'failed'; readonly location: LocationId | undefined; readonly failure: StoreFailure }

export interface Uploads {
  /** The person's own folder below what the project calls its uploads; ends in `/`. */
  folderOf(person: PersonRef, below: string): string
  begin(principal: Principal, wanted: WantedUpload, signal: AbortSignal): Promise<UploadAnswer<UploadRow>>
  /** Their own, under way or ended. */
  find(principal: Principal, id: string): UploadRow | undefined
  /** Their own that are under way, newest first. */
  list(principal: Principal, page: Pick<PageOf, 'size' | 'after'>): Page<UploadRow>
  /** `relay`: the parts pass through this process. */
  deliveryOf(upload: UploadRow): 'direct' | 'relay'
  parts(upload: UploadRow, signal: AbortSignal): Promise<UploadAnswer<readonly StoredPart[]>>
  /** For an upload that is delivered directly. */
  link(upload: UploadRow, part: number): Promise<ObjectLink | undefined>
  write(
    upload: UploadRow,
    part: number,
    body: ReadableStream<Uint8Array>,
    bytes: number,
    signal: AbortSignal,
  ): Promise<UploadAnswer<StoredPart>>
  /** Also once more, for who did not hear the answer; carried through for who hangs up. */
  complete(principal: Principal, upload: UploadRow, signal: AbortSignal): Promise<UploadAnswer<ObjectFacts>>
  /** Gives it up at the store, then here. Answers how it has ended: what is whole by then stays, and is `completed`. */
  end(principal: Principal, upload: UploadRow, how: UploadEnd, signal: AbortSignal): Promise<UploadAnswer<UploadEnd>>
}
