/**
 * Between rows of the tables and the values of the port.
 */
import {
  type Attempt,
  type AttemptId,
  type AttemptState,
  isFenced,
  isFinal,
  type ProjectId,
  type SiteId,
  type SiteTaskId,
  type WorkId,
} from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import type { Selectable } from 'kysely'
import { decode, encode } from '../codec.ts'
import type { KeyRing } from '../key-ring.ts'
import type { WorkRow, WorkState } from '../store.ts'
import type { Owned } from '../visibility.ts'
import type { Value } from './statement.ts'
import type { AttemptsTable, WorkItemsTable } from './tables.ts'

export const WORK_COLUMNS = [
  'id',
  'kind',
  'issuer',
  'subject',
  'project',
  'visibility',
  'name',
  'tags',
  'state',
  'version',
  'created_at',
  'ended_at',
  'hold_until',
  'cancel_requested_at',
  'rerunnable',
  'max_run_ms',
  'counts_attempt',
  'counts_site',
] as const satisfies readonly (keyof WorkItemsTable)[]

export type StoredWork = Pick<Selectable<WorkItemsTable>, (typeof WORK_COLUMNS)[number]>

/** The ids, states and tags in a row are those that a command has written: they are branded here, and only here. */
export function toWorkRow(row: StoredWork): WorkRow {
  return {
    id: row.id as WorkId,
    kind: row.kind as WorkRow['kind'],
    owner: { issuer: row.issuer, subject: row.subject },
    project: row.project as ProjectId,
    name: row.name ?? undefined,
    tags: JSON.parse(row.tags),
    state: row.state as TesState,
    version: row.version,
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
    cancelRequestedAt: row.cancel_requested_at ?? undefined,
    holdUntil: row.hold_until ?? undefined,
    rerunnable: row.rerunnable === 1,
    maxRunMs: row.max_run_ms ?? undefined,
    countsAttempt: (row.counts_attempt ?? undefined) as AttemptId | undefined,
    countsSite: (row.counts_site ?? undefined) as SiteId | undefined,
  }
}

export function toWorkState(row: Pick<StoredWork, 'id' | 'kind' | 'state'>): WorkState {
  return { id: row.id as WorkId, kind: row.kind as WorkRow['kind'], state: row.state as TesState }
}

/** What of an attempt is read and changes. */
export const CHANGING_COLUMNS = [
  'state',
  'version',
  'epoch',
  'site_task_id',
  'seen',
  'ever_ran',
  'ran_since',
  'submitted_at',
  'accepted_at',
  'seen_at',
  'silent_since',
  'suspect_since',
  'ended_at',
  'settle_until',
  'absent_sweeps',
  'cancel_wanted_at',
  'cancel_sent_at',
  'cancel_confirmations',
  'given_up_at',
  'watch_until',
  'evidence',
] as const satisfies readonly (keyof AttemptsTable)[]

export const ATTEMPT_COLUMNS = [
  'id',
  'work_id',
  'site',
  'number',
  'nonce',
  'tag_key_id',
  'created_at',
  ...CHANGING_COLUMNS,
] as const satisfies readonly (keyof AttemptsTable)[]

/** What sites say of an end, and where files lie, may hold anything: it is coded. */
type Evidence = Pick<Attempt, 'overrun' | 'candidate' | 'end' | 'linkHosts' | 'linksUntil' | 'pathMaps'>

export type StoredAttempt = Pick<AttemptsTable, (typeof ATTEMPT_COLUMNS)[number]>

export function toAttempt(keys: KeyRing, row: StoredAttempt): Attempt {
  const evidence: Evidence = row.evidence ? JSON.parse(decode(keys, `attempt:${row.id}:evidence`, row.evidence)) : {}
  return {
    id: row.id as AttemptId,
    work: row.work_id as WorkId,
    site: row.site as SiteId,
    number: row.number,
    state: row.state as AttemptState,
    version: row.version,
    epoch: row.epoch,
    nonce: row.nonce,
    tagKeyId: row.tag_key_id,
    siteTaskId: (row.site_task_id ?? undefined) as SiteTaskId | undefined,
    seen: (row.seen ?? undefined) as TesState | undefined,
    everRan: row.ever_ran === 1,
    ranSince: row.ran_since ?? undefined,
    overrun: evidence.overrun,
    createdAt: row.created_at,
    submittedAt: row.submitted_at ?? undefined,
    acceptedAt: row.accepted_at ?? undefined,
    seenAt: row.seen_at ?? undefined,
    silentSince: row.silent_since ?? undefined,
    suspectSince: row.suspect_since ?? undefined,
    endedAt: row.ended_at ?? undefined,
    settleUntil: row.settle_until ?? undefined,
    absentSweeps: row.absent_sweeps,
    cancelWantedAt: row.cancel_wanted_at ?? undefined,
    cancelSentAt: row.cancel_sent_at ?? undefined,
    cancelConfirmations: row.cancel_confirmations,
    givenUpAt: row.given_up_at ?? undefined,
    watchUntil: row.watch_until ?? undefined,
    candidate: evidence.candidate,
    end: evidence.end,
    linkHosts: evidence.linkHosts,
    linksUntil: evidence.linksUntil,
    pathMaps: evidence.pathMaps,
  } satisfies Record<keyof Attempt, unknown>
}

/** Every column of `attempts`. */
export function fromAttempt(keys: KeyRing, attempt: Attempt, owned: Owned): Record<keyof AttemptsTable, Value> {
  const unfenced = !isFenced(attempt)
  const { overrun, candidate, end, linkHosts, linksUntil, pathMaps }: Evidence = attempt
  const evidence: Evidence = { overrun, candidate, end, linkHosts, linksUntil, pathMaps }
  const hasEvidence = Object.values(evidence).some(part => part !== undefined)
  return {
    id: attempt.id,
    work_id: attempt.work,
    issuer: owned.issuer,
    subject: owned.subject,
    project: owned.project,
    site: attempt.site,
    number: attempt.number,
    state: attempt.state,
    version: attempt.version,
    epoch: attempt.epoch,
    nonce: attempt.nonce,
    tag_key_id: attempt.tagKeyId,
    site_task_id: attempt.siteTaskId,
    seen: attempt.seen,
    ever_ran: attempt.everRan ? 1 : 0,
    ran_since: attempt.ranSince,
    created_at: attempt.createdAt,
    submitted_at: attempt.submittedAt,
    accepted_at: attempt.acceptedAt,
    seen_at: attempt.seenAt,
    silent_since: attempt.silentSince,
    suspect_since: attempt.suspectSince,
    ended_at: attempt.endedAt,
    settle_until: attempt.settleUntil,
    absent_sweeps: attempt.absentSweeps,
    cancel_wanted_at: attempt.cancelWantedAt,
    cancel_sent_at: attempt.cancelSentAt,
    cancel_confirmations: attempt.cancelConfirmations,
    given_up_at: attempt.givenUpAt,
    watch_until: attempt.watchUntil,
    evidence: hasEvidence ? encode(keys, `attempt:${attempt.id}:evidence`, JSON.stringify(evidence)) : null,
    open: unfenced || !isFinal(attempt) ? 1 : 0,
    unfenced: unfenced ? 1 : 0,
  }
}
