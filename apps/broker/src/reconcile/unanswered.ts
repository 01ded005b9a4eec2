/**
 * Work items of this process that are stored while their create is not answered yet. The client may hang up until then, and a site must not have
 * the work item before it is held: so nothing is decided about these.
 *
 * Crash: forgotten, and then nobody knows whether the answer arrived, so the work item counts as acknowledged. Two callers: begins and ends
 * are by id, each idempotent.
 */
import type { WorkId } from '@portolan/federation'

export interface Unanswered {
  /** To be called before the row can be read. */
  begin(id: WorkId): void
  /** The answer is out, or the store holds the work item. */
  end(id: WorkId): void
  has(id: WorkId): boolean
}

export function createUnanswered(): Unanswered {
  const ids = new Set<WorkId>()
  return {
    begin: id => void ids.add(id),
    end: id => void ids.delete(id),
    has: id => ids.has(id),
  }
}
