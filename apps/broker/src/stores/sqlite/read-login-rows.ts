/**
 * From rows of the login tables to the values of the port. Ids, hashes, scopes and states in a row are those that a command has written: they
 * are branded here, and only here.
 */
import type { ProjectId } from '@portolan/federation'
import type { Selectable } from 'kysely'
import { decode } from '../codec.ts'
import type { KeyRing } from '../key-ring.ts'
import type { DeviceFlowRow, FamilyRow, PersonRef, PersonRow, SessionRow, TokenRow } from '../login-rows.ts'
import type { DeviceFlowsTable, PersonalTokensTable, PersonsTable, RefreshFamiliesTable, SessionsTable } from './login-tables.ts'
import { personText } from './person-text.ts'

/** What a coded text of these tables is bound to: table, id and column. */
export const codedName = {
  claims: (person: PersonRef) => `persons:${personText(person)}:claims`,
  upstreamRefresh: (person: PersonRef) => `persons:${personText(person)}:upstream_refresh`,
  client: (familyId: string) => `refresh_families:${familyId}:client`,
  sessionData: (hash: string) => `sessions:${hash}:data`,
  origin: (flowId: string) => `device_flows:${flowId}:origin`,
  pendingLogin: (stateHash: string) => `pending_logins:${stateHash}:coded`,
}

export const PERSON_COLUMNS = [
  'issuer',
  'subject',
  'claims',
  'claims_at',
  'first_seen_at',
  'last_login_at',
  'linked_issuer',
  'linked_subject',
] as const satisfies readonly (keyof PersonsTable)[]

export function toPerson(keys: KeyRing, row: Pick<PersonsTable, (typeof PERSON_COLUMNS)[number]>): PersonRow {
  const { issuer, subject, linked_issuer, linked_subject } = row
  return {
    issuer,
    subject,
    claimsText: decode(keys, codedName.claims(row), row.claims),
    claimsAt: row.claims_at,
    firstSeenAt: row.first_seen_at,
    lastLoginAt: row.last_login_at,
    linked: linked_issuer === null || linked_subject === null ? undefined : { issuer: linked_issuer, subject: linked_subject },
  }
}

export const TOKEN_COLUMNS = [
  'id',
  'issuer',
  'subject',
  'project',
  'scopes',
  'name',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const satisfies readonly (keyof PersonalTokensTable)[]

export type StoredToken = Pick<Selectable<PersonalTokensTable>, (typeof TOKEN_COLUMNS)[number]>

export function toToken(row: StoredToken): TokenRow {
  return {
    id: row.id as TokenRow['id'],
    owner: ownerOf(row),
    project: projectOf(row),
    scopes: JSON.parse(row.scopes),
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  }
}

export const FAMILY_COLUMNS = [
  'id',
  'issuer',
  'subject',
  'project',
  'scopes',
  'client',
  'created_at',
  'expires_at',
  'current',
  'ended_at',
  'why',
] as const satisfies readonly (keyof RefreshFamiliesTable)[]

export type StoredFamily = Pick<Selectable<RefreshFamiliesTable>, (typeof FAMILY_COLUMNS)[number]>

export function toFamily(keys: KeyRing, row: StoredFamily): FamilyRow {
  return {
    id: row.id as FamilyRow['id'],
    owner: ownerOf(row),
    project: projectOf(row),
    scopes: JSON.parse(row.scopes),
    client: decode(keys, codedName.client(row.id), row.client),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    current: row.current,
    endedAt: row.ended_at ?? undefined,
    why: (row.why ?? undefined) as FamilyRow['why'],
  }
}

export const SESSION_COLUMNS = [
  'hash',
  'issuer',
  'subject',
  'created_at',
  'last_seen_at',
  'idle_ms',
  'expires_at',
  'ended_at',
  'data',
] as const satisfies readonly (keyof SessionsTable)[]

export type StoredSession = Pick<Selectable<SessionsTable>, (typeof SESSION_COLUMNS)[number]>

export function toSession(row: StoredSession): SessionRow {
  return {
    owner: ownerOf(row),
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    idleMs: row.idle_ms,
    expiresAt: row.expires_at,
    endedAt: row.ended_at ?? undefined,
  }
}

/** Undefined if it was forgotten. */
export function toSessionData(keys: KeyRing, row: StoredSession): string | undefined {
  return row.data === null ? undefined : decode(keys, codedName.sessionData(row.hash), row.data)
}

export const DEVICE_COLUMNS = [
  'id',
  'state',
  'origin',
  'scopes',
  'created_at',
  'expires_at',
  'interval_ms',
  'poll_after_at',
  'issuer',
  'subject',
  'project',
] as const satisfies readonly (keyof DeviceFlowsTable)[]

export type StoredDevice = Pick<Selectable<DeviceFlowsTable>, (typeof DEVICE_COLUMNS)[number]>

export function toDevice(keys: KeyRing, row: StoredDevice): DeviceFlowRow {
  const origin: Pick<DeviceFlowRow, 'client' | 'address'> = JSON.parse(decode(keys, codedName.origin(row.id), row.origin))
  const { issuer, subject } = row
  return {
    id: row.id as DeviceFlowRow['id'],
    state: row.state as DeviceFlowRow['state'],
    client: origin.client,
    address: origin.address,
    scopes: JSON.parse(row.scopes),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    person: issuer === null || subject === null ? undefined : { issuer, subject },
    project: projectOf(row),
  }
}

export function projectOf(row: { readonly project: string | null }): ProjectId | undefined {
  return (row.project ?? undefined) as ProjectId | undefined
}

function ownerOf({ issuer, subject }: PersonRef): PersonRef {
  return { issuer, subject }
}
