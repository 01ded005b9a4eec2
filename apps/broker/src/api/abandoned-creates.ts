/**
 * Creates whose client hung up before the answer. Such a client often tries again at once on another mount, and would have its task twice.
 *
 * The task of an abandoned create is held for a while: an equal create by the same principal on another mount claims it and gets its id;
 * unclaimed it is cancelled. (A repeated Idempotency-Key is matched by the store.) Kept in this process alone: where it dies, the hold in the
 * store remains, and a hold that nobody ended is cancelled by the dispatcher.
 */
import { createHash } from 'node:crypto'
import type { WorkId } from '@portolan/federation'
import type { Principal } from '../auth/principal.ts'
import type { Command } from '../stores/store.ts'

export const HOLD_MS = 30_000

export interface CreateAttempt {
  readonly principal: Principal
  /** The base path that the request came in by. */
  readonly mount: string
  /** The pruned document as it is stored. */
  readonly documentText: string
}

export interface AbandonedCreates {
  /** The client of this create has hung up; `created` is its outcome, which may still be open. */
  abandon(create: CreateAttempt, created: Promise<WorkId>): Promise<void>
  /** The task of an equal abandoned create on another mount, which now belongs to the caller; undefined if there is none. */
  claim(create: CreateAttempt): Promise<WorkId | undefined>
  [Symbol.dispose](): void
}

/** What of the store is used. */
export interface HoldingStore {
  execute(command: Extract<Command, { kind: 'hold' | 'requestCancel' }>): Promise<unknown>
}

interface Abandoned {
  readonly mount: string
  readonly created: Promise<WorkId>
  readonly timer: NodeJS.Timeout
}

export function createAbandonedCreates(store: HoldingStore, now: () => number, report: (error: unknown) => void): AbandonedCreates {
  const byKey = new Map<string, Abandoned>()

  async function cancel(principal: Principal, created: Promise<WorkId>): Promise<void> {
    await store.execute({ kind: 'requestCancel', principal, id: await created, now: now() })
  }

  return {
    async abandon(create, created) {
      const key = keyOf(create)
      const timer = setTimeout(() => {
        byKey.delete(key)
        cancel(create.principal, created).catch(report)
      }, HOLD_MS).unref()
      const earlier = byKey.get(key)
      if (earlier) {
        clearTimeout(earlier.timer)
        cancel(create.principal, earlier.created).catch(report)
      }
      byKey.set(key, { mount: create.mount, created, timer })
      const id = await created
      if (byKey.get(key)?.created === created) {
        await store.execute({ kind: 'hold', principal: create.principal, id, until: now() + HOLD_MS })
      }
    },
    async claim(create) {
      if (byKey.size === 0) return undefined
      const key = keyOf(create)
      const abandoned = byKey.get(key)
      if (!abandoned || abandoned.mount === create.mount) return undefined
      byKey.delete(key)
      clearTimeout(abandoned.timer)
      const id = await abandoned.created
      await store.execute({ kind: 'hold', principal: create.principal, id, until: 0 })
      return id
    },
    [Symbol.dispose]() {
      for (const { timer } of byKey.values()) clearTimeout(timer)
      byKey.clear()
    },
  }
}

function keyOf({ principal, documentText }: CreateAttempt): string {
  return createHash('sha256')
    .update(JSON.stringify([principal.issuer, principal.subject]))
    .update(documentText)
    .digest('base64url')
}
