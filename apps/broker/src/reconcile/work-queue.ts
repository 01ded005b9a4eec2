/**
 * The queue of work that needs a decision, in fair order over all that waits, however long it is. The store has the truth; only whose turn was
 * last is remembered here.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WorkId } from '@portolan/federation'
import { SYSTEM } from '../auth/principal.ts'
import type { Store } from '../stores/store.ts'
import { fairOrder, ownerOf, type Waiting } from './fair-order.ts'

/** Rows read at once; other work gets its turn between. */
const PAGE = 500
/** Owners whose last turn is remembered. */
const OWNERS = 10_000

export interface WorkQueue {
  list(signal: AbortSignal): Promise<readonly Waiting[]>
  /** The owner has had a turn. */
  served(owner: string): void
}

export function createWorkQueue(store: Store, now: () => number): WorkQueue {
  const turns = new Map<string, number>()
  let turn = 0

  return {
    async list(signal) {
      const waiting: Waiting[] = []
      const names = new Map<string, string>()
      let after: WorkId | undefined
      do {
        const rows = store.listDue(SYSTEM, PAGE, now(), after)
        for (const row of rows) {
          const owner = ownerOf(row)
          if (!names.has(owner)) names.set(owner, owner)
          // One string for each owner, not one for each of his tasks.
          waiting.push({ id: row.id, owner: names.get(owner) ?? owner, cancelled: row.cancelRequestedAt !== undefined })
        }
        after = rows.length === PAGE ? rows.at(-1)?.id : undefined
        if (after !== undefined) await nextTurn()
      } while (after !== undefined && !signal.aborted)
      return fairOrder(waiting, turns)
    },
    served(owner) {
      turn += 1
      turns.delete(owner)
      turns.set(owner, turn)
      const [oldest] = turns.keys()
      if (turns.size > OWNERS && oldest !== undefined) turns.delete(oldest)
    },
  }
}
