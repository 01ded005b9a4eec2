/**
 * Does what a person holds meet what a rule requires? (AARC-G069.) Text is never compared by its beginning: groups are compared one by one.
 */
import { isPinned, type PinnedAuthority } from './authorities.ts'
import type { Entitlement } from './entitlement.ts'

export interface Matching {
  /** The rule says "and its subgroups". Without it the two must be equal as a whole, role and authority included. */
  readonly subgroups: boolean
  /** Whose word counts for what is held: the list of the login that the person came by. */
  readonly authorities: readonly PinnedAuthority[]
}

/**
 * True if `held` comes from a pinned authority and is what `required` names; with `subgroups` also if it lies below it: the required groups
 * are the first ones of those held. A required role must be held in that very group, not in a subgroup of it. A required entitlement without
 * authority is met by nothing.
 */
export function satisfies(held: Entitlement, required: Entitlement, { subgroups, authorities }: Matching): boolean {
  if (required.authority === undefined || !isPinned(held, authorities)) return false
  if (held.text === required.text) return true
  if (!subgroups || held.namespace !== required.namespace || held.authority !== required.authority) return false
  const isBelow = required.path.length <= held.path.length && required.path.every((group, depth) => held.path[depth] === group)
  if (!isBelow) return false
  return required.role === undefined || (held.role === required.role && held.path.length === required.path.length)
}
