/**
 * Opening the database file: for the one writer, and for readers.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const BUSY_MS = 5_000
const READ_CACHE_KIB = 64 * 1024
const SYNCHRONOUS_FULL = 2

/** Opens or makes the file (mode 0600) in WAL mode with full synchronisation, and reads both back. Throws if the file system cannot do it. */
export function openForWriting(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  const db = new DatabaseSync(path, { timeout: BUSY_MS })
  db.exec('pragma journal_mode = wal; pragma synchronous = full')
  const mode = db.prepare('pragma journal_mode').get()?.journal_mode
  const synchronous = db.prepare('pragma synchronous').get()?.synchronous
  if (mode === 'wal' && synchronous === SYNCHRONOUS_FULL) return db
  db.close()
  throw new Error(
    `${path}: the journal is ${String(mode)}, synchronous is ${String(synchronous)}; WAL and FULL are needed, which want a local file system`,
  )
}

export function openForReading(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS })
  db.exec(`pragma cache_size = -${READ_CACHE_KIB}`)
  return db
}
