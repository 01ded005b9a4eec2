/**
 * What SQLite's errors mean for a caller.
 */

const BUSY = 5
/** Primary result codes of what is wrong with the place where the data lies, not with the statement. */
const STORAGE_CODES: ReadonlySet<number> = new Set([
  BUSY,
  6, // locked
  7, // no memory
  8, // read-only
  10, // input or output error
  11, // corrupt
  13, // full
  14, // cannot open
  15, // locking protocol
  26, // not a database
])
const CONSTRAINT_UNIQUE = 2067
const CONSTRAINT_PRIMARY_KEY = 1555

/** True if nothing can be written now, whatever the command. */
export function isStorageError(error: unknown): error is Error {
  const code = codeOf(error)
  return code !== undefined && STORAGE_CODES.has(code & 0xff)
}

/** True if another connection holds the lock that this one needs. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && (code & 0xff) === BUSY
}

export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error)
  return code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARY_KEY
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
}
