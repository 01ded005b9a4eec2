/**
 * The source of a guard with its decision taken out. Guards have no switch of their own: nobody who runs a broker can turn one off.
 */
import type { Edit } from './guard.ts'

export type TurnedOff =
  | { readonly outcome: 'off'; readonly source: string }
  /** The source has changed since the edit was written. */
  | { readonly outcome: 'lost'; readonly says: string }

export function turnOff(source: string, edits: readonly Edit[]): TurnedOff {
  let changed = source
  for (const [from, to] of edits) {
    const times = changed.split(from).length - 1
    if (times !== 1) return { outcome: 'lost', says: `this stands in it ${times} times, and should once: ${from.trim()}` }
    changed = changed.replace(from, () => to)
  }
  return changed === source ? { outcome: 'lost', says: 'the edit changes nothing' } : { outcome: 'off', source: changed }
}
