/**
 * A store in the folder of a server that is measured, and tasks for its lists.
 */
import { join } from 'node:path'
import type { Attempt, AttemptId, ProjectId, SiteId, SiteTaskId, WorkId } from '@portolan/federation'
import { SYSTEM } from '../../apps/broker/src/auth/principal.ts'
import { openKeyRing } from '../../apps/broker/src/stores/key-ring.ts'
import type { LoginStore } from '../../apps/broker/src/stores/login-store.ts'
import { openSqliteStore } from '../../apps/broker/src/stores/sqlite-store.ts'
import type { Store } from '../../apps/broker/src/stores/store.ts'
import { CALLER } from './caller.ts'
import { DOCUMENT_TEXT, runningId } from './task.ts'

const AT_ONCE = 500
const FILL_TTL_MS = 600_000

/** Where a broker whose working folder is `folder` has its store by default. */
export async function openBenchStore(folder: string): Promise<Store & { readonly login: LoginStore }> {
  return openSqliteStore({ path: join(folder, 'data/portolan.db'), keys: await openKeyRing(keysOf(folder)) })
}

function keysOf(folder: string): string {
  return join(folder, 'data/keys')
}

/** Stores tasks number 0 to `count - 1`; see `labelsOf`. */
export async function fillStore(folder: string, count: number): Promise<void> {
  await using store = await openBenchStore(folder)
  const createdAt = Date.now()
  for (let first = 0; first < count; first += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => {
        const work = { ...rowOf(`L${String(first + i).padStart(25, '0')}`), ...labelsOf(first + i), createdAt }
        return store.execute({ kind: 'create', principal: CALLER, work, now: createdAt })
      }),
    )
  }
}

/** Stores tasks that run, dealt to so many sites in turn, under the ids that they have there. */
export async function fillRunning(folder: string, count: number, sites: number): Promise<void> {
  await using store = await openBenchStore(folder)
  const { id: tagKeyId } = (await openKeyRing(keysOf(folder))).newest('tags')
  const now = Date.now()
  const owner = 'bench'
  const claimed = await store.execute({ kind: 'claimLease', principal: SYSTEM, name: 'dispatch', owner, ttlMs: FILL_TTL_MS, now })
  if (claimed.outcome !== 'claimed') throw new Error('the store is in use')
  const lease = { name: 'dispatch', owner, epoch: claimed.epoch }
  for (let first = 0; first < count; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => first + i)
    await Promise.all(numbers.map(number => store.execute({ kind: 'create', principal: CALLER, work: rowOf(runningId(number)), now })))
    await Promise.all(
      numbers.map(number => {
        const attempt = { ...runningAttempt(runningId(number), siteId(number % sites), now), tagKeyId }
        const work = {
          id: attempt.work,
          expectedVersion: 1,
          state: 'RUNNING',
          countsAttempt: attempt.id,
          countsSite: attempt.site,
        } as const
        return store.execute({ kind: 'decide', principal: SYSTEM, lease, work, attempt, now })
      }),
    )
  }
  await store.execute({ kind: 'releaseLease', principal: SYSTEM, lease })
}

export function siteId(number: number): SiteId {
  return `site-${number}` as SiteId
}

function runningAttempt(id: string, site: SiteId, at: number): Omit<Attempt, 'tagKeyId'> {
  return {
    id: `${id}-1` as AttemptId,
    work: id as WorkId,
    site,
    number: 1,
    state: 'ACTIVE',
    version: 1,
    epoch: 1,
    nonce: 'bench',
    siteTaskId: id as SiteTaskId,
    seen: 'RUNNING',
    everRan: true,
    ranSince: at,
    createdAt: at,
    submittedAt: at,
    acceptedAt: at,
    seenAt: at,
    absentSweeps: 0,
    cancelConfirmations: 0,
  }
}

/** A ready row for `create`. */
export function rowOf(id: string) {
  return {
    id: id as WorkId,
    kind: 'task',
    project: 'bench' as ProjectId,
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
