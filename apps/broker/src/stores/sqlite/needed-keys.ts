/**
 * The store remembers which keys it cannot be read without, and is not opened if the ring lacks one. That is looked at before key files are made,
 * too: fresh ones beside a store that they cannot read would only hide that the old ones are lost.
 */
import { open } from 'node:fs/promises'
import type { DatabaseSync } from 'node:sqlite'
import { type KeyRing, readKeyIds, SECRET_PURPOSES, type SecretPurpose } from '../key-ring.ts'
import { openForReading } from './open-database.ts'
import { params, prepare, query } from './statement.ts'

const MAGIC = Buffer.from('SQLite format 3\0')

/** The ring lacks keys without which the store cannot be read, or what its attempts left at sites cannot be recognised. */
export class KeysLacking extends Error {
  override readonly name = 'KeysLacking'
  /** Purpose and id of each. */
  readonly keys: readonly string[]

  constructor(keys: readonly string[]) {
    super(`keys that the store needs are missing: ${keys.join(', ')}`)
    this.keys = keys
  }
}

/** Throws `KeysLacking` if the ring lacks a key that the store needs; then notes those that write from now on. */
export function checkNeededKeys(db: DatabaseSync, keys: KeyRing): void {
  demandKeys(db, (purpose, id) => keys.find(purpose, id) !== undefined)
  const note = prepare(
    db,
    query
      .insertInto('needed_keys')
      .values(params('purpose', 'key_id'))
      .onConflict(conflict => conflict.doNothing())
      .compile(),
  )
  for (const purpose of ['documents', 'persons'] as const) note.run({ purpose, key_id: keys.newest(purpose).id })
}

/** Throws `KeysLacking` if there is a store that needs a key which the folder lacks, and `KeyFileError`. Makes nothing in the folder. */
export async function refuseLostKeys(path: string, dir: string): Promise<void> {
  if (!(await isDatabase(path))) return
  const ids = await readKeyIds(dir)
  const db = openForReading(path)
  try {
    // A store without its tables is for its opening to judge.
    if (hasTable(db)) demandKeys(db, (purpose, id) => ids[purpose].includes(id))
  } finally {
    db.close()
  }
}

function demandKeys(db: DatabaseSync, has: (purpose: SecretPurpose, id: string) => boolean): void {
  const needed = prepare(db, query.selectFrom('needed_keys').select(['purpose', 'key_id']).compile()).all({})
  const missing = needed.filter(({ purpose, key_id }) => !isPurpose(purpose) || !has(purpose, key_id))
  if (missing.length > 0) throw new KeysLacking(missing.map(({ purpose, key_id }) => `${purpose} ${key_id}`))
}

/** Asked without holding up this thread: a file system may hang. What cannot be read is for the opening of the store to judge. */
async function isDatabase(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return false
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(MAGIC.length), position: 0 })
    return buffer.equals(MAGIC)
  } catch {
    return false
  } finally {
    await file.close()
  }
}

function hasTable(db: DatabaseSync): boolean {
  return db.prepare("select 1 from sqlite_schema where type = 'table' and name = 'needed_keys'").get() !== undefined
}

function isPurpose(text: string): text is SecretPurpose {
  return SECRET_PURPOSES.some(purpose => purpose === text)
}
