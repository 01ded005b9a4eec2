/**
 * One process for each role and database: an exclusive lock on a file beside the database, held through SQLite. The kernel gives it back when
 * the process ends, however it ends, so nothing is left to clean up.
 */
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { codeOf, StartRefused } from '../../start/start-refused.ts'
import { isBusy } from './sqlite-error.ts'

/** Takes the lock until it is disposed. Throws `StartRefused` if another process has it, or if the file cannot be made. */
export function lockRole(storePath: string, role: string): Disposable {
  const path = `${storePath}.${role}.lock`
  try {
    makeFile(path)
    const db = new DatabaseSync(path)
    try {
      db.exec('begin exclusive')
    } catch (error) {
      db.close()
      throw error
    }
    return { [Symbol.dispose]: () => db.close() }
  } catch (cause) {
    if (isBusy(cause)) {
      throw new StartRefused(
        `store.path: ${storePath} is in use by another broker with the role ${role}; end that one, or give this one a store of its own`,
        { cause },
      )
    }
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new StartRefused(`store.path: ${path} cannot be locked (${detail}); name a file in a folder that this user may write to`, {
      cause,
    })
  }
}

/** Never opens a file that is there: closing it again would give back a lock that this process holds on it. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}
