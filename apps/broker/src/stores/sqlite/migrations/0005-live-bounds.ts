/**
 * Indexes by which what is live can be counted, and a further way for a refresh family to end. SQLite changes no check of a table: it is made anew as it
 * is, but for that word, with its indexes and triggers.
 */
import { type Kysely, sql } from 'kysely'

const OLD_ENDS = `'expired', 'revoked')`
const NEW_ENDS = `'expired', 'revoked', 'displaced')`

export async function up(db: Kysely<unknown>): Promise<void> {
  await addFamilyEnd(db)
  const { schema } = db
  await schema
    .createIndex('families_live_by_owner')
    .on('refresh_families')
    .columns(['issuer', 'subject', 'expires_at'])
    .where(sql.ref('ended_at'), 'is', null)
    .execute()
  await schema
    .createIndex('tokens_live_by_owner')
    .on('personal_tokens')
    .columns(['issuer', 'subject', 'expires_at'])
    .where(sql.ref('revoked_at'), 'is', null)
    .execute()
  await schema
    .createIndex('device_flows_pending')
    .on('device_flows')
    .column('expires_at')
    .where(sql.ref('state'), '=', sql.lit('pending'))
    .execute()
  await schema
    .createIndex('pending_logins_waiting')
    .on('pending_logins')
    .column('expires_at')
    .where(sql.ref('consumed_at'), 'is', null)
    .execute()
}

async function addFamilyEnd(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ readonly type: string; readonly sql: string }>`
    select type, sql from sqlite_schema where tbl_name = 'refresh_families' and sql is not null`.execute(db)
  const table = rows.find(({ type }) => type === 'table')?.sql
  if (!table?.includes(OLD_ENDS)) throw new Error('the table refresh_families is not as it was made')
  await sql`alter table refresh_families rename to old_families`.execute(db)
  for (const { type, sql: text } of rows) if (type !== 'table') await sql.raw(`drop ${type} ${nameIn(text)}`).execute(db)
  await sql.raw(table.replace(OLD_ENDS, NEW_ENDS)).execute(db)
  await sql`insert into refresh_families select * from old_families`.execute(db)
  await sql`drop table old_families`.execute(db)
  for (const { type, sql: text } of rows) if (type !== 'table') await sql.raw(text).execute(db)
}

/** The name of the index or trigger that a statement makes. */
function nameIn(statement: string): string {
  const [, name] = /^create (?:unique )?(?:index|trigger) "?(\w+)/i.exec(statement) ?? []
  if (name === undefined) throw new Error(`this makes nothing that has a name: ${statement}`)
  return name
}
