/**
 * What is live of one person, by indexes that hold what is live alone: however much has ended, it costs nothing here.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Principal } from '../../../../auth/principal.ts'
import type { LiveRows, PersonRef } from '../../../login-rows.ts'
import { reachesOwned } from '../../../login-rules/reach.ts'
import {
  DEVICE_COLUMNS,
  FAMILY_COLUMNS,
  type StoredDevice,
  type StoredFamily,
  type StoredToken,
  TOKEN_COLUMNS,
  toDevice,
  toFamily,
  toToken,
} from '../../read-login-rows.ts'
import { param, prepare, query } from '../../statement.ts'
import type { ReadContext } from '../context.ts'

export interface ReadLive {
  listLive(principal: Principal, person: PersonRef, page: { readonly most: number; readonly now: number }): LiveRows
}

const NOTHING: LiveRows = { approved: [], devices: [], tokens: [] }

export function prepareReadLive({ db, keys }: ReadContext): ReadLive {
  const select = <Stored>(columns: readonly string[], source: RawBuilder<unknown>, isLive: RawBuilder<unknown>) =>
    prepare<Stored>(
      db,
      sql<Stored>`select ${sql.join(columns.map(column => sql.ref(column)))} from ${source}
        where issuer = ${param('issuer')} and subject = ${param('subject')} and expires_at > ${param('now')} and ${isLive}
        order by created_at desc, id desc limit ${param('most')}`.compile(query),
    )
  const flows = select<StoredDevice>(DEVICE_COLUMNS, sql`device_flows indexed by device_flows_by_owner`, sql`state = 'approved'`)
  const families = select<StoredFamily>(FAMILY_COLUMNS, sql`refresh_families indexed by families_live_by_owner`, sql`ended_at is null`)
  const tokens = select<StoredToken>(TOKEN_COLUMNS, sql`personal_tokens indexed by tokens_live_by_owner`, sql`revoked_at is null`)
  return {
    listLive(principal, person, { most, now }) {
      if (!reachesOwned(principal, person, undefined)) return NOTHING
      const { issuer, subject } = person
      const asked = { issuer, subject, now, most }
      return {
        approved: flows.all(asked).map(row => toDevice(keys, row)),
        devices: families.all(asked).map(row => toFamily(keys, row)),
        tokens: tokens.all(asked).map(toToken),
      }
    },
  }
}
