/**
 * `sweepLogins`: deletes what nobody can use any more and nobody has to be told of, a bounded number of rows a step. Persons stay.
 */
import { type RawBuilder, sql } from 'kysely'
import { param, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import type { RunLogin } from './login-commands.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

export function prepareSweepLogins({ db }: CommandContext): RunLogin<'sweepLogins'> {
  const remove = (rows: RawBuilder<unknown>) => prepare(db, sql`delete from ${rows}`.compile(query))
  const expired = (table: string) => {
    const name = sql.table(table)
    return sql`${name} where rowid in (select rowid from ${name} where expires_at <= ${param('until')} order by expires_at limit ${param('limit')})`
  }
  const steps = [
    { keptMs: 0, delete: remove(expired('pending_logins')) },
    // A device that polls late is told that its flow has expired.
    { keptMs: 10 * MINUTE_MS, delete: remove(expired('device_flows')) },
    { keptMs: 0, delete: remove(expired('sessions')) },
    // Tokens first: a family goes when it has none left.
    {
      keptMs: DAY_MS,
      delete: remove(sql`refresh_tokens where hash in (
        select t.hash from refresh_families as f indexed by families_by_end join refresh_tokens as t on t.family_id = f.id
        where f.expires_at <= ${param('until')} limit ${param('limit')})`),
    },
    {
      keptMs: DAY_MS,
      delete: remove(sql`refresh_families where id in (
        select f.id from refresh_families as f indexed by families_by_end where f.expires_at <= ${param('until')}
        and not exists (select 1 from refresh_tokens as t where t.family_id = f.id) limit ${param('limit')})`),
    },
    // Until then the owner finds it in the list, and a client learns why it is refused.
    { keptMs: 30 * DAY_MS, delete: remove(expired('personal_tokens')) },
  ]
  return ({ limit, now }) => {
    let deleted = 0
    for (const step of steps) deleted += step.delete.run({ until: now - step.keptMs, limit: limit - deleted })
    return { deleted }
  }
}
