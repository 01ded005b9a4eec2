/**
 * A store in a folder of its own, for a server that is measured. The folder goes when the process ends.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeyRing } from '../../apps/broker/src/stores/key-ring.ts'
import { openSqliteStore } from '../../apps/broker/src/stores/sqlite-store.ts'
import type { Store } from '../../apps/broker/src/stores/store.ts'

export { LOCAL } from '../../apps/broker/src/auth/principal.ts'

export const benchFolder = mkdtempSync(join(tmpdir(), 'portolan-bench-'))
process.on('exit', () => rmSync(benchFolder, { recursive: true, force: true }))
process.on('disconnect', () => process.exit())

export async function openBenchStore(): Promise<Store> {
  return openSqliteStore({ path: join(benchFolder, 'portolan.db'), keys: await openKeyRing(join(benchFolder, 'keys')) })
}
