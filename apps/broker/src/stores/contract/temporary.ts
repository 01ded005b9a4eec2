/**
 * A store in a folder of its own, which goes when the test has ended.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { keepFolder } from '../../../../../test/leaks/keep-folder.ts'
import { type KeyRing, openKeyRing } from '../key-ring.ts'
import { openSqliteStore, type SqliteStore } from '../sqlite-store.ts'
import type { StoreTestSwitches } from '../test-switches.ts'

export interface TemporaryStore {
  readonly dir: string
  readonly path: string
  readonly keys: KeyRing
  readonly store: SqliteStore
}

export async function makeFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'portolan-store-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

export async function openTemporary(switches: StoreTestSwitches = {}, writeTimeoutMs?: number): Promise<TemporaryStore> {
  const dir = await makeFolder()
  const keys = await openKeyRing(join(dir, 'keys'))
  const path = join(dir, 'portolan.db')
  const store = await openSqliteStore({ path, keys, writeTimeoutMs }, switches)
  const close = store[Symbol.asyncDispose]
  const searched = {
    async [Symbol.asyncDispose](): Promise<void> {
      // While it is open, what was written last is still in the log of the writes.
      keepFolder(dir, 'a store')
      await close()
    },
  }
  return { dir, path, keys, store: Object.assign(store, searched) }
}
