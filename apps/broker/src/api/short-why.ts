/**
 * The short line of a decision, for the metadata of a task's log. Computing a decision again costs more than a whole answer, and the decision that
 * led to an attempt never changes, so the line is kept for the newest tasks that were asked for.
 */
import { type AttemptId, explainShort, type WorkId } from '@portolan/federation'
import type { Principal } from '../auth/principal.ts'
import type { Placer } from '../reconcile/placer.ts'
import type { TaskSight } from '../reconcile/task-sight.ts'

const MOST_KEPT = 20_000

/** Undefined if no decision is known. */
export type ShortWhy = (principal: Principal, id: WorkId, attempt: AttemptId) => string | undefined

/** Call only for a work item that the principal may see. The line names what `sights` says, whoever asks. */
export function createShortWhy(placer: Placer, sights: TaskSight): ShortWhy {
  const kept = new Map<AttemptId, string>()
  return (principal, id, attempt) => {
    const known = kept.get(attempt)
    if (known !== undefined) return known
    const decision = placer.recall(principal, id, sights)
    if (!decision) return undefined
    const line = explainShort(decision)
    const [oldest] = kept.keys()
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(attempt, line)
    return line
  }
}
