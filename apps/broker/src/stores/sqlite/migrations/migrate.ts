/**
 * Brings a database file to the newest tables, each step in a transaction of its own. A file from a newer broker is refused.
 */
import type { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import * as firstTables from './0001-first-tables.ts'
import * as projectVisibility from './0002-project-visibility.ts'
import * as loginTables from './0003-login-tables.ts'
import * as upstreamClaims from './0004-upstream-claims.ts'
import * as liveBounds from './0005-live-bounds.ts'
import * as uploads from './0006-uploads.ts'
import * as decidedDevices from './0007-decided-devices.ts'

const MIGRATIONS = {
  '0001-first-tables': firstTables,
  '0002-project-visibility': projectVisibility,
  '0003-login-tables': loginTables,
  '0004-upstream-claims': upstreamClaims,
  '0005-live-bounds': liveBounds,
  '0006-uploads': uploads,
  '0007-decided-devices': decidedDevices,
}

/** Up to the step `last`; without one, all steps. Throws if one fails; what it did is undone, and the steps before it stand. */
export async function migrate(db: DatabaseSync, last?: keyof typeof MIGRATIONS): Promise<void> {
  const migrator = new Migrator({
    db: new Kysely<unknown>({ dialect: new SqliteDialect({ database: lend(db) }) }),
    provider: { getMigrations: async () => MIGRATIONS },
    migrationTableName: 'migrations',
    migrationLockTableName: 'migration_lock',
  })
  const { error } = await (last === undefined ? migrator.migrateToLatest() : migrator.migrateTo(last))
  if (error) throw error
}

/** The database in the form that kysely's dialect calls; it stays ours and is not closed. */
function lend(db: DatabaseSync) {
  return {
    close: () => undefined,
    prepare: (text: string) => {
      const statement = db.prepare(text)
      return {
        reader: statement.columns().length > 0,
        all: (values: readonly unknown[]) => statement.all(...values.map(toSqlite)),
        run: (values: readonly unknown[]) => statement.run(...values.map(toSqlite)),
        iterate: (values: readonly unknown[]) => statement.iterate(...values.map(toSqlite)),
      }
    },
  }
}

function toSqlite(value: unknown): string | number | null {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  throw new TypeError(`a migration passes a value that SQLite has no type for: ${typeof value}`)
}
