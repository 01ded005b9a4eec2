/**
 * An index of the device flows that somebody has decided about: what is let in for one person is found past all that others have begun.
 */
import { type Kysely, sql } from 'kysely'

export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createIndex('device_flows_by_owner')
    .on('device_flows')
    .columns(['issuer', 'subject', 'expires_at'])
    .where(sql.ref('issuer'), 'is not', null)
    .execute()
}
