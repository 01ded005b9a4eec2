/**
 * The order in which waiting work is placed: one of each owner in turn, oldest first, so that a greedy user cannot starve the others (I12). Pure.
 */
import type { WorkRow } from '../stores/store.ts'

export function fairOrder(rows: readonly WorkRow[]): WorkRow[] {
  const turns = new Map<string, number>()
  return rows
    .map(row => {
      const owner = `${row.project}\n${row.owner.issuer}\n${row.owner.subject}`
      const turn = turns.get(owner) ?? 0
      turns.set(owner, turn + 1)
      return { row, turn }
    })
    .sort((a, b) => a.turn - b.turn || compare(a.row.id, b.row.id))
    .map(({ row }) => row)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
