/**
 * What administrators read through a list: each page is written down with what was asked and the ids that it shows, before it is shown.
 */
import type { Principal } from '../auth/principal.ts'
import type { PersonRef } from '../stores/login-rows.ts'
import type { ShownPage, Store } from '../stores/store.ts'
import { seesAll } from '../stores/visibility.ts'

export interface PageShown {
  readonly asked: ShownPage['asked']
  readonly owner?: PersonRef | undefined
  readonly rows: readonly { readonly id: string; readonly owner: PersonRef }[]
}

/** Resolves when the look is durable. Undefined: there is nothing to note. Rejects with `StoreUnavailable`. */
export type PageAudit = (principal: Principal, operation: string, page: PageShown) => Promise<unknown> | undefined

/** The operations that are noted so. */
export const LISTS: ReadonlySet<string> = new Set(['GetBulkObjects', 'ListTasks', 'ListTokens', 'ListLogins', 'ListEvents'])

export function createPageAudit(store: Store, now: () => number): PageAudit {
  return (principal, operation, { asked, owner, rows }) => {
    if (!seesAll(principal)) return undefined
    const ids = rows.filter(row => row.owner.subject !== principal.subject || row.owner.issuer !== principal.issuer).map(({ id }) => id)
    if (ids.length === 0) return undefined
    return store.execute({ kind: 'noteAdminRead', principal, operation, page: { asked, owner, ids }, now: now() })
  }
}
