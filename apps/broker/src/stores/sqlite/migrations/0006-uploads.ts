/**
 * Uploads of people's own inputs: one row each, from its begin on. One that has ended stays as it has ended.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('uploads')
    .addColumn('id', 'text', column => column.primaryKey().notNull())
    .addColumn('issuer', 'text', column => column.notNull())
    .addColumn('subject', 'text', column => column.notNull())
    .addColumn('project', 'text', column => column.notNull())
    .addColumn('location', 'text', column => column.notNull())
    .addColumn('bytes', 'integer', column => column.notNull())
    .addColumn('part_bytes', 'integer', column => column.notNull())
    .addColumn('created_at', 'integer', column => column.notNull())
    .addColumn('expires_at', 'integer', column => column.notNull())
    .addColumn('ended_at', 'integer')
    .addColumn('ended_as', 'text', column => column.check(sql`ended_as in ('completed', 'aborted', 'expired')`))
    .addColumn('coded', 'blob', column => column.notNull())
    .addCheckConstraint('uploads_end_somehow', sql`(ended_at is null) = (ended_as is null)`)
    .modifyEnd(sql`strict`)
    .execute()
  const underWay = sql.ref('ended_at')
  await schema
    .createIndex('uploads_by_owner')
    .on('uploads')
    .columns(['issuer', 'subject', 'created_at', 'id'])
    .where(underWay, 'is', null)
    .execute()
  await schema.createIndex('uploads_by_expiry').on('uploads').columns(['expires_at', 'id']).where(underWay, 'is', null).execute()
  await schema.createIndex('uploads_by_end').on('uploads').columns(['ended_at']).where(underWay, 'is not', null).execute()
  await sql`create trigger uploads_stay_ended before update on uploads
    when old.ended_at is not null begin select raise(abort, 'an upload that has ended stays as it has ended'); end`.execute(db)
}
