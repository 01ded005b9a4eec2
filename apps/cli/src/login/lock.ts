/**
 * One command at a time changes the credentials: an exclusive lock on a file beside them, held through SQLite. The kernel gives it back when the
 * process ends, however it ends.
 */
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pause } from '@portolan/ga4gh'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

const LOOK_AGAIN_MS = 25
/** Longer than a refresh may take, its second try included. */
const LONGEST_WAIT_MS = 90_000
/** SQLITE_BUSY. */
const BUSY = 5

/** Waits for the lock and holds it until it is disposed. Throws a `Failure` if it does not come, and the signal's reason if that is aborted. */
export async function lockCredentials(path: string, signal: AbortSignal): Promise<Disposable> {
  const lockPath = `${path}.lock`
  const giveUpAt = Date.now() + LONGEST_WAIT_MS
  for (;;) {
    const held = tryLock(lockPath)
    if (held) return held
    if (Date.now() > giveUpAt) {
      throw new Failure(`Another portolan command holds ${lockPath}`, { exitCode: EXIT.failed, fix: 'End it, then try again.' })
    }
    await pause(LOOK_AGAIN_MS, signal)
  }
}

function tryLock(path: string): Disposable | undefined {
  makeFile(path)
  const db = new DatabaseSync(path)
  try {
    db.exec('begin exclusive')
    return { [Symbol.dispose]: () => db.close() }
  } catch (error) {
    db.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return undefined
    throw error
  }
}

/** Never opens a file that is there: closing it again would give back a lock that this process holds on it. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
