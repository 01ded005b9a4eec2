/**
 * Between rows of `uploads` and the values of their port.
 */
import type { LocationId, ProjectId } from '@portolan/federation'
import { decode } from '../codec.ts'
import type { KeyRing } from '../key-ring.ts'
import type { NewUpload, UploadEnd, UploadId, UploadRow } from '../upload-store.ts'
import type { UploadsTable } from './tables.ts'

export const UPLOAD_COLUMNS = [
  'id',
  'issuer',
  'subject',
  'project',
  'location',
  'bytes',
  'part_bytes',
  'created_at',
  'expires_at',
  'ended_as',
  'coded',
] as const satisfies readonly (keyof UploadsTable)[]

export type StoredUpload = Pick<UploadsTable, (typeof UPLOAD_COLUMNS)[number]>

/** What the coded text of an upload is bound to. */
export function codedUploadName(id: string): string {
  return `upload:${id}`
}

/** The ids in a row are those that a command has written: they are branded here, and only here. */
export function toUpload(keys: KeyRing, row: StoredUpload): UploadRow {
  const coded: Pick<NewUpload, 'name' | 'url' | 'storeId' | 'replace'> = JSON.parse(decode(keys, codedUploadName(row.id), row.coded))
  return {
    id: row.id as UploadId,
    owner: { issuer: row.issuer, subject: row.subject },
    project: row.project as ProjectId,
    location: row.location as LocationId,
    ...coded,
    bytes: row.bytes,
    partBytes: row.part_bytes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    end: (row.ended_as ?? undefined) as UploadEnd | undefined,
  }
}
