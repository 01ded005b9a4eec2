/**
 * Creates whose client hung up before the answer. Such a client often tries again at once on another mount, and would have its task twice.
 *
 * The task of an abandoned create is held for a while, and the client that comes back gets its id. With an Idempotency-Key it is the store that
 * knows the task, by the key alone; where neither create has one, an equal create by the same principal on another mount claims it here: a key is
 * never matched by anything else, for two keys are two tasks. A hold that passes and was not ended is given up by the dispatcher, also where this
 * process has died, and its key is free again. Until the hold is durable the task counts as unanswered, so that no site gets it in between.
 */
import { createHash } from 'node:crypto'
import type { ProjectId, WorkId } from '@portolan/federation'
import { type Principal, SYSTEM } from '../auth/principal.ts'
import type { Unanswered } from '../reconcile/unanswered.ts'
import type { Command } from '../stores/store.ts'

export const HOLD_MS = 30_000

export interface CreateAttempt {
  readonly principal: Principal
  readonly project: ProjectId
  /** The base path that the request came in by. */
  readonly mount: string
  readonly idempotencyKey?: string | undefined
  /** The pruned document as it is stored. */
  readonly documentText: string
}

export interface AbandonedCreates {
  /** The client of this create has hung up; `created` is its new work item, which may still be on its way: undefined if it was there before. */
  abandon(create: CreateAttempt, created: Promise<WorkId | undefined>): Promise<void>
  /** The task of an equal abandoned create on another mount, which now belongs to the caller and is unanswered; undefined if there is none, or if
   *  either of the two has an Idempotency-Key. */
  claim(create: CreateAttempt): Promise<WorkId | undefined>
  /** The work item is about to be answered to somebody who came with its Idempotency-Key: from now on it is not abandoned. */
  keep(id: WorkId): Promise<void>
  [Symbol.dispose](): void
}

/** What of the store is used. */
export interface HoldingStore {
  execute(command: Extract<Command, { kind: 'hold' | 'giveUp' }>): Promise<{ readonly outcome: string }>
}

export interface AbandonedCreatesParts {
  readonly store: HoldingStore
  readonly unanswered: Unanswered
  readonly now: () => number
  readonly report: (error: unknown) => void
}

interface Abandoned {
  readonly create: CreateAttempt
  readonly created: Promise<WorkId | undefined>
  readonly timer: NodeJS.Timeout
  id: WorkId | undefined
  isClaimed: boolean
  /** The store did not take the hold: the reconciler of another process was quicker, or nothing could be written. */
  isLoose: boolean
}

export function createAbandonedCreates({ store, unanswered, now, report }: AbandonedCreatesParts): AbandonedCreates {
  /** Those that nobody has claimed, and of equal ones without an Idempotency-Key the last, which is the one to claim. */
  const open = new Set<Abandoned>()
  const claimable = new Map<string, Abandoned>()
  /** Work items that were answered by their key of late: a client of them that is found gone only now leaves nothing behind. */
  const kept = new Map<WorkId, NodeJS.Timeout>()

  function forget(one: Abandoned): void {
    clearTimeout(one.timer)
    open.delete(one)
    const digest = digestOf(one.create)
    if (claimable.get(digest) === one) claimable.delete(digest)
  }

  async function expire(one: Abandoned): Promise<void> {
    forget(one)
    const { id } = one
    if (id === undefined || !one.isLoose) return
    await store.execute({ kind: 'giveUp', principal: SYSTEM, id, held: false, now: now() })
    unanswered.end(id)
  }

  async function hold(one: Abandoned, id: WorkId): Promise<void> {
    one.isLoose = true
    const { outcome } = await store.execute({ kind: 'hold', principal: one.create.principal, id, until: now() + HOLD_MS })
    one.isLoose = outcome === 'conflict'
  }

  async function release(principal: Principal, id: WorkId): Promise<boolean> {
    const { outcome } = await store.execute({ kind: 'hold', principal, id, until: 0 })
    return outcome !== 'conflict'
  }

  return {
    async abandon(create, created) {
      const timer = setTimeout(() => void expire(one).catch(report), HOLD_MS).unref()
      const one: Abandoned = { create, created, timer, id: undefined, isClaimed: false, isLoose: false }
      open.add(one)
      if (create.idempotencyKey === undefined) claimable.set(digestOf(create), one)
      const id = await created
      one.id = id
      if (id === undefined) return forget(one)
      if (one.isClaimed) return
      if (kept.has(id)) forget(one)
      else await hold(one, id)
      if (!one.isClaimed) unanswered.end(id)
    },
    async claim(create) {
      if (claimable.size === 0 || create.idempotencyKey !== undefined) return undefined
      const one = claimable.get(digestOf(create))
      if (!one || one.create.mount === create.mount) return undefined
      one.isClaimed = true
      forget(one)
      const id = await one.created
      if (id === undefined) return undefined
      unanswered.begin(id)
      // One that was never held may be at a site already; any other that cannot be released was given up in this moment.
      if ((await release(create.principal, id)) || one.isLoose) return id
      unanswered.end(id)
      return undefined
    },
    async keep(id) {
      clearTimeout(kept.get(id))
      kept.set(id, setTimeout(() => kept.delete(id), HOLD_MS).unref())
      for (const one of open) {
        if (one.id !== id) continue
        forget(one)
        await release(one.create.principal, id)
      }
    },
    [Symbol.dispose]() {
      for (const { timer } of open) clearTimeout(timer)
      for (const timer of kept.values()) clearTimeout(timer)
      open.clear()
      claimable.clear()
      kept.clear()
    },
  }
}

function digestOf({ principal, project, documentText }: CreateAttempt): string {
  return createHash('sha256')
    .update(JSON.stringify([principal.issuer, principal.subject, project]))
    .update(documentText)
    .digest('base64url')
}
