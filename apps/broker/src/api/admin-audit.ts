/**
 * What administrators look at is written down before it is shown: an answer that would leave no trace is not given.
 */
import type { Request } from 'express'
import type { Principal } from '../auth/principal.ts'
import type { Store } from '../stores/store.ts'
import { seesAll } from '../stores/visibility.ts'
import { LISTS } from './page-audit.ts'
import { findTaskId } from './read-tasks.ts'

/** Resolves when the look is durable. Undefined: there is nothing to note. Rejects with `StoreUnavailable`. */
export type AdminAudit = (principal: Principal, operation: string, request: Request) => Promise<void> | undefined

/** What they read that belongs to nobody else. Every other operation that reads is noted, so that a new one is; lists are, page by page, where
 * they are read (`page-audit.ts`). */
const NOBODYS: ReadonlySet<string> = new Set(['GetServiceInfo', 'ListSites', 'ListLocations', 'ListProjects', 'ExplainPlacement', 'GetMe'])
/** Who watches a task polls it: the same look is noted once in this time. */
const AGAIN_MS = 60_000
/** So many looks are remembered; then all are forgotten, and noted anew. */
const REMEMBERED = 10_000

export function createAdminAudit(store: Store, now: () => number): AdminAudit {
  const noted = new Map<string, number>()

  async function note(principal: Principal, operation: string, asked: string | undefined, key: string): Promise<void> {
    const at = now()
    const id = asked === undefined ? undefined : findTaskId(asked)
    if (asked !== undefined && id === undefined) return
    await store.execute({ kind: 'noteAdminRead', principal, operation, id, now: at })
    if (noted.size >= REMEMBERED) noted.clear()
    noted.set(key, at)
  }

  return (principal, operation, request) => {
    if (NOBODYS.has(operation) || LISTS.has(operation) || !seesAll(principal)) return undefined
    const asked = askedFor(request)
    const key = JSON.stringify([principal.issuer, principal.subject, operation, asked])
    if ((noted.get(key) ?? Number.NEGATIVE_INFINITY) > now() - AGAIN_MS) return undefined
    return note(principal, operation, asked, key)
  }
}

/** The id that a path names; of an object of the Data Repository Service that of its task. */
function askedFor({ params: { id, object_id: object } }: Request): string | undefined {
  const asked = id ?? (typeof object === 'string' ? object.split('.', 1)[0] : undefined)
  return typeof asked === 'string' ? asked : undefined
}
