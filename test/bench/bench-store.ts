/**
 * A store in the folder of a server that is measured, and tasks for its lists.
 */
import { join } from 'node:path'
import type { ProjectId, WorkId } from '@portolan/federation'
import { LOCAL } from '../../apps/broker/src/auth/principal.ts'
import { openKeyRing } from '../../apps/broker/src/stores/key-ring.ts'
import { openSqliteStore } from '../../apps/broker/src/stores/sqlite-store.ts'
import type { Store } from '../../apps/broker/src/stores/store.ts'
import { DOCUMENT_TEXT } from './task.ts'

export { LOCAL } from '../../apps/broker/src/auth/principal.ts'

const AT_ONCE = 500

/** Where a broker whose working folder is `folder` has its store by default. */
export async function openBenchStore(folder: string): Promise<Store> {
  const data = join(folder, 'data')
  return openSqliteStore({ path: join(data, 'portolan.db'), keys: await openKeyRing(join(data, 'keys')) })
}

/** Stores tasks number 0 to `count - 1`; see `labelsOf`. */
export async function fillStore(folder: string, count: number): Promise<void> {
  await using store = await openBenchStore(folder)
  const createdAt = Date.now()
  for (let first = 0; first < count; first += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => {
        const work = { ...rowOf(`L${String(first + i).padStart(25, '0')}`), ...labelsOf(first + i), createdAt }
        return store.execute({ kind: 'create', principal: LOCAL, work, now: createdAt })
      }),
    )
  }
}

/** A ready row for `create`. */
export function rowOf(id: string) {
  return {
    id: id as WorkId,
    kind: 'task',
    project: 'local' as ProjectId,
    visibility: 'owner',
    name: 'nf-align',
    tags: { run: 'bench', sample: 'a' },
    documentText: DOCUMENT_TEXT,
    createdAt: 0,
    rerunnable: false,
  } as const
}

/**
 * Of 100,000 tasks each `twentieth` is on 5,000, each `half` on 50,000, and `h…-` begins the names of every 18th: a page of 256 of those fills
 * within 4,608 rows. All names begin with `h`.
 */
function labelsOf(number: number) {
  return {
    name: `h${number % 18}-${number}`,
    tags: { [number % 2 === 0 ? 'even' : 'odd']: 'yes', twentieth: String(number % 20), hundredth: String(number % 100) },
  }
}
