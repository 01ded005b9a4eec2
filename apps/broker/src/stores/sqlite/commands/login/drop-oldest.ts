/**
 * The bound on what anybody may begin: the newest stay. All rows of such a table live equally long, so the order of their ends is that of their begins.
 */
import type { DatabaseSync } from 'node:sqlite'
import { type RawBuilder, sql } from 'kysely'
import { param, prepare, query, type Statement } from '../../statement.ts'

/** Takes `now` and `most`: of what has not expired by now, and is as `which` says, so many stay. */
export function prepareDropOldest(
  db: DatabaseSync,
  table: 'device_flows' | 'pending_logins',
  which: RawBuilder<unknown>,
): Statement<unknown> {
  const name = sql.table(table)
  return prepare(
    db,
    sql`delete from ${name} where rowid in (
      select rowid from ${name} where ${which} and expires_at > ${param('now')} order by expires_at desc, rowid desc limit -1 offset ${param('most')})`.compile(
      query,
    ),
  )
}
