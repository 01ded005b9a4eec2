/**
 * Who exchanges the refresh token of an issuer just now: one at a time, for a while.
 */
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('persons').addColumn('upstream_claim', 'text').execute()
  await db.schema.alterTable('persons').addColumn('upstream_claimed_until', 'integer').execute()
}
