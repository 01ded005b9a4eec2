/**
 * The store remembers which keys it cannot be read without, and is not opened if the ring lacks one.
 */
import type { DatabaseSync } from 'node:sqlite'
import { type KeyRing, SECRET_PURPOSES, type SecretPurpose } from '../key-ring.ts'
import { params, prepare, query } from './statement.ts'

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
  const needed = prepare(db, query.selectFrom('needed_keys').select(['purpose', 'key_id']).compile()).all({})
  const missing = needed.filter(({ purpose, key_id }) => !isPurpose(purpose) || !keys.find(purpose, key_id))
  if (missing.length > 0) throw new KeysLacking(missing.map(({ purpose, key_id }) => `${purpose} ${key_id}`))
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

function isPurpose(text: string): text is SecretPurpose {
  return SECRET_PURPOSES.some(purpose => purpose === text)
}
