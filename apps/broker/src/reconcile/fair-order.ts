/**
 * The order in which waiting work is placed: one of each owner in turn, so that a greedy user cannot starve the others (I12). Where only few
 * places are free, the owner goes first whose last turn is the longest ago. Pure.
 */
import type { WorkId } from '@portolan/federation'
import type { WorkRow } from '../stores/store.ts'

/** A work item that waits, and whose it is. */
export interface Waiting {
  readonly id: WorkId
  /** As `ownerOf()` names it. */
  readonly owner: string
  readonly cancelled: boolean
}

/** Each project of a person has turns of its own. */
export function ownerOf({ project, owner }: Pick<WorkRow, 'project' | 'owner'>): string {
  return `${project}\n${owner.issuer}\n${owner.subject}`
}

/** `served`: a number for each owner that rises from turn to turn; who is not in it has never had one. */
export function fairOrder(waiting: readonly Waiting[], served: ReadonlyMap<string, number>): readonly Waiting[] {
  const turns = new Map<string, number>()
  return waiting
    .toSorted((a, b) => compare(a.id, b.id))
    .map(one => {
      const turn = turns.get(one.owner) ?? 0
      turns.set(one.owner, turn + 1)
      return { one, turn, last: served.get(one.owner) ?? 0 }
    })
    .toSorted((a, b) => a.turn - b.turn || a.last - b.last || compare(a.one.id, b.one.id))
    .map(({ one }) => one)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
