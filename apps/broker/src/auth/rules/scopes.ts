/**
 * What a person may do, and what of it a token may carry. Pure.
 */
import type { Scope } from '../principal.ts'

/** All that a person may do; `isAdmin`: they are on the list `auth.admins`. */
export function scopesOf(isAdmin: boolean): readonly Scope[] {
  return isAdmin ? ['read', 'write', 'admin'] : ['read', 'write']
}

export type ScopeAnswer =
  | { readonly outcome: 'granted'; readonly scopes: readonly Scope[] }
  | { readonly outcome: 'refused'; readonly lacking: readonly string[]; readonly detail: string; readonly fix: string }

/** What of `held` a token may carry that asks for `asked`: each once, in the order of `held`. Asking for nothing is refused, and never means all. */
export function grantScopes(asked: readonly string[], held: readonly Scope[]): ScopeAnswer {
  const holds: readonly string[] = held
  const lacking = [...new Set(asked)].filter(scope => !holds.includes(scope))
  if (asked.length > 0 && lacking.length === 0) return { outcome: 'granted', scopes: held.filter(scope => asked.includes(scope)) }
  const detail =
    lacking.length > 0 ? `You cannot give a token what you may not do yourself: ${quote(lacking)}.` : 'The token could do nothing.'
  return { outcome: 'refused', lacking, detail, fix: `Ask for some of ${quote(held)}.` }
}

const MOST_NAMED = 5
const MOST_LETTERS = 40

function quote(scopes: readonly string[]): string {
  return scopes
    .slice(0, MOST_NAMED)
    .map(scope => `"${scope.slice(0, MOST_LETTERS)}"`)
    .join(', ')
}
