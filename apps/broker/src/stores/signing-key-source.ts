/**
 * The signing keys of `keys.dir` as they are now. The file is read again once a minute, and sooner when a token names a key that is not known,
 * so a rotation needs no restart and a replica that was told late refuses nobody. A file that cannot be read leaves the keys as they were.
 */
import type { SigningKeySource } from '../auth/tokens/signing-keys.ts'
import { readSigningKeys } from './signing-key-file.ts'

export const RELOAD_MS = 60_000
export const COOL_DOWN_MS = 5_000

/** `onFailure` is told why the file could not be read anew. Throws `KeyFileError` if it cannot be read at first. */
export async function openSigningKeys(dir: string, now: number, onFailure: (error: unknown) => void): Promise<SigningKeySource> {
  let keys = await readSigningKeys(dir)
  let readAt = now
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    try {
      keys = await readSigningKeys(dir)
    } catch (error) {
      onFailure(error)
    } finally {
      reading = undefined
    }
  }

  function readAfter(pauseMs: number, at: number): Promise<void> | undefined {
    // A clock that was set back must not keep the file unread.
    if (reading === undefined && Math.abs(at - readAt) >= pauseMs) {
      readAt = at
      reading = read()
    }
    return reading
  }

  return {
    current(at) {
      void readAfter(RELOAD_MS, at)
      return keys
    },
    async newest(at) {
      await readAfter(RELOAD_MS, at)
      return keys
    },
    async refresh(at) {
      await readAfter(COOL_DOWN_MS, at)
      return keys
    },
  }
}
