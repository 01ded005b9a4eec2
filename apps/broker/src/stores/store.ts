/**
 * The store port: the truth about work items, attempts, leases and events.
 *
 * Writes are closed commands, given as data to `execute()`; one command is one atomic step, many commands may share one transaction, and the
 * promise resolves only after a durable commit. After a crash every command whose promise was fulfilled is there, whole; one whose promise was
 * not may be there, whole, or not at all. Two callers: compare-and-set by `version` decides, and a write under a lease whose epoch is no longer
 * the newest is refused (`fenced`). Reads see every command that was fulfilled before they began.
 *
 * Documents (`…Text`) are plain text here; the adapter passes them through its codec, so they are coded at rest.
 */

import type {
  Attempt,
  AttemptEvent,
  AttemptId,
  LocationId,
  OutputDigest,
  ProjectId,
  SiteId,
  SiteTaskId,
  WorkId,
} from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import type { Principal } from '../auth/principal.ts'
import type { PersonRef } from './login-rows.ts'

/** A work item as it is created. */
export interface NewWork {
  readonly id: WorkId
  readonly kind: 'task' | 'run'
  readonly project: ProjectId
  readonly visibility: 'owner' | 'project'
  readonly name: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** The submitted document as JSON text, nulls dropped. */
  readonly documentText: string
  /** What the broker has to say from the start: keys it did not know, backend parameters it dropped. The first lines of the document's `notes`. */
  readonly notes?: readonly string[] | undefined
  readonly createdAt: number
  readonly rerunnable: boolean
  readonly maxRunMs?: number | undefined
  readonly clientProfile?: string | undefined
  /** Digest of the Idempotency-Key, and of the body. */
  readonly idempotencyKeyHash?: string | undefined
  readonly bodyDigest?: string | undefined
}

/** A work item as it is read. The principal of the read may see it. */
export interface WorkRow {
  readonly id: WorkId
  readonly kind: 'task' | 'run'
  readonly owner: { readonly issuer: string; readonly subject: string }
  readonly project: ProjectId
  readonly name: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly state: TesState
  readonly version: number
  readonly createdAt: number
  readonly endedAt?: number | undefined
  readonly cancelRequestedAt?: number | undefined
  readonly holdUntil?: number | undefined
  readonly rerunnable: boolean
  readonly maxRunMs?: number | undefined
  /** The attempt that counts. */
  readonly countsAttempt?: AttemptId | undefined
  readonly countsSite?: SiteId | undefined
}

/** What MINIMAL needs. */
export type WorkState = Pick<WorkRow, 'id' | 'kind' | 'state'>

/** What BASIC and FULL need beside the row. */
export interface WorkDocument extends WorkRow {
  readonly documentText: string
  /** `logs[0]` of the attempt that counts as the site reported it, JSON text; system logs and metadata of the broker are added when shown. */
  readonly logText?: string | undefined
  /** Lines for `system_logs` that the broker itself has to say. */
  readonly notes: readonly string[]
  /** Compact stored decision, JSON text. */
  readonly decisionText?: string | undefined
}

export interface ListFilter {
  readonly namePrefix?: string | undefined
  readonly state?: TesState | undefined
  /** Pairs; an empty value means any value. */
  readonly tags: readonly (readonly [key: string, value: string])[]
}

export interface ListPage {
  /** Newest first. */
  readonly rows: readonly WorkRow[]
  /** Pass as `after` for the next page; absent: this was the last. A page may be short or empty and still have one. */
  readonly next?: WorkId | undefined
}

export interface StoredEvent {
  readonly number?: number | undefined
  readonly at: number
  readonly work: WorkId
  readonly attempt?: AttemptId | undefined
  readonly site?: SiteId | undefined
  /** What happened: `created`, `cancelRequested`, `decided`, `ended`, `adminRead`, or the kind of an attempt's event. */
  readonly kind: string
  readonly detailText?: string | undefined
}

/** Writes to an attempt, computed by `transition()` from `expectedVersion`. */
export interface AttemptWrite {
  readonly attempt: Attempt
  readonly expectedVersion: number
  readonly event: AttemptEvent
}

/** A change of the work item that goes with attempt writes, in the same transaction. */
export interface WorkWrite {
  readonly id: WorkId
  readonly expectedVersion: number
  /** Once the stored state is terminal no part of a work write changes anything; another state is then refused (`conflict`). */
  readonly state?: TesState | undefined
  readonly endedAt?: number | undefined
  readonly countsAttempt?: AttemptId | undefined
  readonly countsSite?: SiteId | undefined
  readonly logText?: string | undefined
  readonly notes?: readonly string[] | undefined
  readonly decisionText?: string | undefined
  readonly cancelAckedAt?: number | undefined
  readonly outputs?: readonly NewOutput[] | undefined
}

/** A file that a work item has left, as it was measured. */
export interface NewOutput {
  readonly url: string
  readonly path: string
  /** Absent: nobody could say. */
  readonly sizeBytes?: string | undefined
  /** Absent: it lies at no declared one. */
  readonly location?: LocationId | undefined
  /** With its quotes. */
  readonly etag?: string | undefined
  readonly digests?: readonly OutputDigest[] | undefined
  /** ms since 1970. */
  readonly modifiedAt?: number | undefined
}

export interface StoredOutput extends NewOutput {
  /** Names it within its work item: its place in the list, from 0. */
  readonly number: number
}

/** The right to write: a lease's name, its owner, and the epoch under which it was claimed. */
export interface LeaseProof {
  readonly name: string
  readonly owner: string
  readonly epoch: number
}

export type Command =
  /** Answers `existing` if the idempotency key was used with an equal body by the same owner, `keyReused` with another body. */
  | { readonly kind: 'create'; readonly principal: Principal; readonly work: NewWork; readonly now: number }
  /** Idempotent. `notFound` also for what the principal may not see, `notOwner` for what they may see and not change. */
  | { readonly kind: 'requestCancel'; readonly principal: Principal; readonly id: WorkId; readonly now: number }
  /** As `requestCancel`, because nobody has come for what a client left behind: its idempotency key is free again. `held`: only while it is
   *  held, so that a client who claims it at the same moment keeps it; else it never was. */
  | { readonly kind: 'giveUp'; readonly principal: Principal; readonly id: WorkId; readonly held: boolean; readonly now: number }
  /** The client hung up before its answer: do not submit before `until`; 0 ends the hold, because an equal create has claimed the work item.
   *  A hold that has passed and was not ended is nobody's: it is cancelled, not submitted. Refused (`conflict`) once an attempt exists or a
   *  cancel was requested. */
  | { readonly kind: 'hold'; readonly principal: Principal; readonly id: WorkId; readonly until: number }
  /** A decision: stores it, and with `attempt` a new PLACED one. Refused (`conflict`) if the work item has an unfenced attempt or is terminal,
   *  and with `attempt` also if it is cancelled or held. The lease is the dispatcher's. */
  | {
      readonly kind: 'decide'
      readonly principal: Principal
      readonly lease: LeaseProof
      readonly work: WorkWrite
      readonly attempt?: Attempt | undefined
      readonly now: number
    }
  /** Changes of one work item and its attempts, all or nothing. */
  | {
      readonly kind: 'transition'
      readonly principal: Principal
      readonly lease: LeaseProof
      readonly attempts: readonly AttemptWrite[]
      readonly work?: WorkWrite | undefined
      readonly now: number
    }
  /** The changes that one sweep brought: each entry is taken or refused by itself. */
  | {
      readonly kind: 'sweepDiff'
      readonly principal: Principal
      readonly lease: LeaseProof
      readonly writes: readonly { readonly attempts: readonly AttemptWrite[]; readonly work?: WorkWrite | undefined }[]
      readonly now: number
    }
  | {
      readonly kind: 'claimLease'
      readonly principal: Principal
      readonly name: string
      readonly owner: string
      readonly ttlMs: number
      readonly now: number
    }
  | { readonly kind: 'renewLease'; readonly principal: Principal; readonly lease: LeaseProof; readonly ttlMs: number; readonly now: number }
  | { readonly kind: 'releaseLease'; readonly principal: Principal; readonly lease: LeaseProof }
  /** Keeps a text under its SHA-256 and answers the digest; the same text is kept once. Who may see `work` may then see the text; without it,
   *  only who put it there first, and those who see all. */
  | {
      readonly kind: 'putBlob'
      readonly principal: Principal
      readonly text: string
      readonly work?: WorkId | undefined
      readonly now: number
    }
  /** Leaves the event `adminRead`: somebody who may see all looks at a work item that is not theirs, or at a page of what is not theirs. */
  | {
      readonly kind: 'noteAdminRead'
      readonly principal: Principal
      readonly operation: string
      readonly id?: WorkId | undefined
      readonly page?: ShownPage | undefined
      readonly now: number
    }
  /** Numbers committed events and chains their hashes; holds the lease `events`. */
  | { readonly kind: 'sequenceEvents'; readonly principal: Principal; readonly lease: LeaseProof; readonly limit: number }

/** What was shown of a list. */
export interface ShownPage {
  /** The conditions of the list, as they were asked. */
  readonly asked: Readonly<Record<string, unknown>>
  /** Whose entries were asked for; absent: those of everybody. */
  readonly owner?: PersonRef | undefined
  /** Entries of others that the page holds. */
  readonly ids: readonly string[]
}

export interface CommandResults {
  create: { readonly outcome: 'created' | 'existing'; readonly id: WorkId } | { readonly outcome: 'keyReused' }
  requestCancel: { readonly outcome: 'requested' | 'alreadyRequested' | 'alreadyEnded' | 'notFound' | 'notOwner' }
  giveUp: { readonly outcome: 'requested' | 'conflict' }
  hold: { readonly outcome: 'done' | 'conflict' }
  decide: { readonly outcome: 'done' | 'conflict' | 'fenced' }
  transition: { readonly outcome: 'done' | 'conflict' | 'fenced' }
  sweepDiff: { readonly outcome: 'done' | 'fenced'; readonly refused: readonly number[] }
  claimLease:
    | { readonly outcome: 'claimed'; readonly epoch: number }
    | { readonly outcome: 'taken'; readonly owner: string; readonly expiresAt: number }
  renewLease: { readonly outcome: 'renewed' | 'fenced' }
  releaseLease: { readonly outcome: 'released' | 'fenced' }
  putBlob: { readonly digest: string }
  /** `needless`: it is their own, there is no such work item, or they may not see all. */
  noteAdminRead: { readonly outcome: 'noted' | 'needless' }
  sequenceEvents: { readonly outcome: 'done' | 'fenced'; readonly sequenced: number }
}

/** The store cannot write now (disk full, read-only, too slow): the caller answers 503. Nothing acknowledged is lost; this command may be there, whole, or not at all. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

export interface ChainReport {
  /** How many events from the first on are as they were sequenced, and the hash of the last of them. */
  readonly verified: number
  readonly head: string
  /** The number at which the chain is broken. */
  readonly brokenAt?: number | undefined
}

export interface Store {
  execute<C extends Command>(command: C): Promise<CommandResults[C['kind']]>

  /** Row of one work item, or undefined if there is none that the principal may see. Cheap: the MINIMAL view needs no more. */
  getWork(principal: Principal, id: WorkId): WorkRow | undefined
  /** What nearly every poll asks for, at less cost than the row. */
  getState(principal: Principal, id: WorkId): WorkState | undefined
  getDocument(principal: Principal, id: WorkId): WorkDocument | undefined
  /** Reads at most 5,000 rows a step and yields between steps; after 200 ms it answers a short page. */
  listWork(
    principal: Principal,
    filter: ListFilter,
    page: { readonly size: number; readonly after?: WorkId | undefined; readonly kind: 'task' | 'run' },
  ): Promise<ListPage>
  /** Documents of a page, in the order of the ids; ids that are gone are left out. */
  getDocuments(principal: Principal, ids: readonly WorkId[]): Promise<readonly WorkDocument[]>
  getAttempts(principal: Principal, work: WorkId): readonly Attempt[]
  /** By number, those from `from` on, `limit` at most. */
  getOutputs(principal: Principal, work: WorkId, from: number, limit: number): readonly StoredOutput[]
  getEvents(principal: Principal, work: WorkId): readonly StoredEvent[]
  getBlob(principal: Principal, digest: string): string | undefined

  /** Work items that need a decision: not terminal, no unfenced attempt, hold passed. Oldest first, those after `after`. Only for the system. */
  listDue(principal: Principal, limit: number, now: number, after?: WorkId): readonly WorkRow[]
  /** Attempts of one site that are not final, and final ones still watched: at most `limit`, by their ids, those after `after`. Only for the
   *  system. */
  listSiteAttempts(
    principal: Principal,
    site: SiteId,
    now: number,
    limit: number,
    after?: AttemptId,
  ): readonly { readonly attempt: Attempt; readonly work: WorkRow }[]
  /** How many work items of the project wait or run at sites: they have an unfenced attempt. 0 for who is not a member. */
  countUnderWay(principal: Principal, project: ProjectId): number
  findAttemptBySiteTask(principal: Principal, site: SiteId, siteTaskId: SiteTaskId): Attempt | undefined

  /** Walks the chain of sequenced events from its start. Only for the system. */
  verifyEvents(principal: Principal): Promise<ChainReport>

  /** Commands that wait for their commit. */
  queued(): number
  /** How long ago in ms a command was last refused because the place of the data cannot take it; infinite if none was. A large write may be
   *  refused where small ones still go through. */
  sinceRefusal(): number
  /** Resolves if a write can be made durable now; rejects with `StoreUnavailable`. */
  checkWritable(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
