/**
 * Rows and commands for tests of the store; what a test does not say is filled in.
 */
import type { Attempt, AttemptEvent, AttemptId, ProjectId, SiteId, WorkId } from '@portolan/federation'
import { makeSecret } from '../../../../../test/leaks/secrets.ts'
import { type Principal, SYSTEM } from '../../auth/principal.ts'
import type { AttemptWrite, LeaseProof, NewWork, Store, WorkWrite } from '../store.ts'

export const ADA: Principal = { issuer: 'https://login.example', subject: 'ada lovelace', roles: [], scopes: ['read', 'write'] }
export const BOB: Principal = { issuer: 'https://login.example', subject: 'bob', roles: [], scopes: ['read', 'write'] }
export const ADMIN: Principal = { issuer: 'https://login.example', subject: 'root', roles: ['admin'], scopes: ['read', 'write', 'admin'] }
export const PROJECT = 'genomes' as ProjectId
/** A member of the project, which lets its members see each other's tasks. */
export const CARL: Principal = { ...BOB, subject: 'carl', memberOf: [PROJECT], sees: [PROJECT] }
export const SITE = 'charite' as SiteId
export const NOW = 1_760_000_000_000

export const workId = (number: number): WorkId => `w${String(number).padStart(9, '0')}` as WorkId
export const attemptId = (text: string): AttemptId => text as AttemptId

export function newWork(id: WorkId, changes: Partial<NewWork> = {}): NewWork {
  return {
    id,
    kind: 'task',
    project: PROJECT,
    visibility: 'owner',
    name: 'align',
    tags: {},
    documentText: JSON.stringify({ executors: [{ image: 'alpine', command: ['true'], env: { SECRET: makeSecret('env-of-a-task') } }] }),
    createdAt: NOW,
    rerunnable: false,
    ...changes,
  }
}

export async function create(store: Store, id: WorkId, changes: Partial<NewWork> = {}, principal = ADA): Promise<WorkId> {
  await store.execute({ kind: 'create', principal, work: newWork(id, changes), now: changes.createdAt ?? NOW })
  return id
}

export async function claim(store: Store, name = 'dispatch', owner = 'one', now = NOW): Promise<LeaseProof> {
  const answer = await store.execute({ kind: 'claimLease', principal: SYSTEM, name, owner, ttlMs: 15_000, now })
  if (answer.outcome !== 'claimed') throw new Error(`the lease ${name} is taken`)
  return { name, owner, epoch: answer.epoch }
}

export function newAttempt(work: WorkId, changes: Partial<Attempt> = {}): Attempt {
  return {
    id: attemptId(`${work}-1`),
    work,
    site: SITE,
    number: 1,
    state: 'PLACED',
    version: 1,
    epoch: 1,
    nonce: 'n0nce',
    tagKeyId: 'none',
    everRan: false,
    createdAt: NOW,
    absentSweeps: 0,
    cancelConfirmations: 0,
    ...changes,
  }
}

/** Decides for an attempt, by the version that the work item has now. */
export function decide(store: Store, lease: LeaseProof, attempt: Attempt, changes: Partial<WorkWrite> = {}) {
  const expectedVersion = store.getWork(SYSTEM, attempt.work)?.version ?? 0
  return store.execute({
    kind: 'decide',
    principal: SYSTEM,
    lease,
    work: { id: attempt.work, expectedVersion, countsAttempt: attempt.id, countsSite: attempt.site, ...changes },
    attempt,
    now: NOW,
  })
}

/** The next version of an attempt. */
export function step(attempt: Attempt, changes: Partial<Attempt>, event: AttemptEvent = { kind: 'intend', at: NOW }): AttemptWrite {
  return { attempt: { ...attempt, ...changes, version: attempt.version + 1 }, expectedVersion: attempt.version, event }
}

export function transition(store: Store, lease: LeaseProof, attempts: readonly AttemptWrite[], work?: WorkWrite) {
  return store.execute({ kind: 'transition', principal: SYSTEM, lease, attempts, work, now: NOW })
}

/** Ends a work item as it stands. */
export function end(store: Store, lease: LeaseProof, id: WorkId, state: 'COMPLETE' | 'CANCELED' = 'COMPLETE') {
  return transition(store, lease, [], { id, expectedVersion: store.getWork(SYSTEM, id)?.version ?? 0, state, endedAt: NOW })
}

/** Every page of a list, as ids. */
export async function walk(
  store: Store,
  principal: Principal,
  size: number,
  filter: Partial<Parameters<Store['listWork']>[1]> = {},
): Promise<readonly WorkId[]> {
  const ids: WorkId[] = []
  let after: WorkId | undefined
  do {
    const page = await store.listWork(principal, { tags: [], ...filter }, { size, after, kind: 'task' })
    ids.push(...page.rows.map(row => row.id))
    after = page.next
  } while (after !== undefined)
  return ids
}
