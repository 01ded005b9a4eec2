/**
 * The tables as queries see them. Times are ms since 1970; yes and no are 1 and 0; what is a `Uint8Array` has passed the codec.
 * Events are the one table without issuer and subject in clear: they name persons by keyed digest.
 */
import type { Generated } from 'kysely'
import type { LoginTables } from './login-tables.ts'

interface OwnedColumns {
  issuer: string
  subject: string
  project: string
}

export interface WorkItemsTable extends OwnedColumns {
  id: string
  kind: string
  visibility: string
  token_id: string | null
  client_profile: string | null
  name: string | null
  /** JSON object. */
  tags: string
  state: string
  version: number
  created_at: number
  ended_at: number | null
  answered_at: number | null
  hold_until: number | null
  cancel_requested_at: number | null
  cancel_acked_at: number | null
  rerunnable: number
  max_run_ms: number | null
  idempotency_key_hash: string | null
  body_digest: string | null
  counts_attempt: string | null
  counts_site: string | null
  /** 1: not ended, and no unfenced attempt. */
  needs_decision: number
}

export interface WorkTagsTable extends OwnedColumns {
  /** As that of the work item. */
  visibility: string
  work_id: string
  kind: string
  key: string
  value: string
}

export interface DocumentsTable extends OwnedColumns {
  work_id: string
  /** `first-notes`: what was to be said when it was created; it stays before all `notes`. */
  part: 'document' | 'log' | 'first-notes' | 'notes' | 'decision'
  coded: Uint8Array
}

export interface AttemptsTable extends OwnedColumns {
  id: string
  work_id: string
  site: string
  number: number
  state: string
  version: number
  epoch: number
  nonce: string
  tag_key_id: string
  site_task_id: string | null
  seen: string | null
  ever_ran: number
  ran_since: number | null
  created_at: number
  submitted_at: number | null
  accepted_at: number | null
  seen_at: number | null
  silent_since: number | null
  suspect_since: number | null
  ended_at: number | null
  settle_until: number | null
  absent_sweeps: number
  cancel_wanted_at: number | null
  cancel_sent_at: number | null
  cancel_confirmations: number
  given_up_at: number | null
  watch_until: number | null
  /** Coded JSON: how it ended, or is said to have ended, or that it is to end because it ran too long; and what held when it was sent. */
  evidence: Uint8Array | null
  /** 1: something may come of it yet, or it stands in the way. */
  open: number
  /** 1: it stands in the way of another attempt of the same work item. */
  unfenced: number
}

export interface OutputsTable extends OwnedColumns {
  work_id: string
  number: number
  location: string | null
  /** Empty: nobody could say. */
  size_bytes: string
  /** Coded JSON: url, path, etag, digests and when it was written. */
  coded: Uint8Array
}

export interface BlobsTable extends OwnedColumns {
  digest: string
  created_at: number
  coded: Uint8Array
}

export interface BlobUsesTable extends OwnedColumns {
  digest: string
  work_id: string
}

export interface LeasesTable extends OwnedColumns {
  name: string
  owner: string
  epoch: number
  expires_at: number
}

export interface EventsTable {
  id: Generated<number>
  project: string | null
  at: number
  kind: string
  work_id: string | null
  attempt_id: string | null
  site: string | null
  /** Keyed digests: who did it, and whose work item it is. */
  actor: string
  owner: string | null
  detail: Uint8Array | null
  /** SHA-256 of `detail`, so that the chain outlives a detail that was forgotten. */
  detail_digest: string | null
  number: number | null
  hash: string | null
}

export interface UploadsTable extends OwnedColumns {
  id: string
  location: string
  bytes: number
  part_bytes: number
  created_at: number
  expires_at: number
  ended_at: number | null
  ended_as: string | null
  /** Coded JSON: name, url, the store's id, and whether it replaces. */
  coded: Uint8Array
}

export interface NeededKeysTable {
  purpose: string
  key_id: string
}

export interface ProbesTable {
  id: number
  at: number
}

export interface Tables extends LoginTables {
  work_items: WorkItemsTable
  work_tags: WorkTagsTable
  documents: DocumentsTable
  attempts: AttemptsTable
  outputs: OutputsTable
  blobs: BlobsTable
  blob_uses: BlobUsesTable
  leases: LeasesTable
  uploads: UploadsTable
  events: EventsTable
  needed_keys: NeededKeysTable
  probes: ProbesTable
}
