/**
 * The store remembers which keys it cannot be read without, and is not opened if the ring lacks one.
 */
import type { DatabaseSync } from 'node:sqlite'
import { KEY_PURPOSES, type KeyPurpose, type KeyRing } from '../key-ring.ts'
import { params, prepare, query } from './statement.ts'

/** Throws if the ring lacks a key that the store needs; then notes those that write from now on. */
export function checkNeededKeys(db: DatabaseSync, keys: KeyRing): void {
  const needed = prepare(db, query.selectFrom('needed_keys').select(['purpose', 'key_id']).compile()).all({})
  const missing = needed.filter(({ purpose, key_id }) => !isPurpose(purpose) || !keys.find(purpose, key_id))
  if (missing.length > 0) {
    const list = missing.map(({ purpose, key_id }) => `${purpose} ${key_id}`).join(', ')
    throw new Error(`the store was written with keys that are missing: ${list}; restore the key files of keys.dir from a backup`)
  }
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

function isPurpose(text: string): text is KeyPurpose {
  return KEY_PURPOSES.some(purpose => purpose === text)
}
