/**
 * The broker's picture of all sites: what operators declared, which never changes while the broker runs, and what the ledgers know at this moment.
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  type CompiledSnapshot,
  compileSnapshot,
  type Location,
  type Project,
  renewSnapshot,
  type Site,
  type SiteId,
  type Snapshot,
} from '@portolan/federation'
import type { SiteLedger } from './site-ledger.ts'

export interface SnapshotSource {
  take(at: number): Snapshot
  /** The same, ready for placements: what was declared is compiled once. */
  compiled(at: number): CompiledSnapshot
  /** A task is about to be sent to the site: the next picture counts it. To be told whether that became durable. */
  dispatched(site: SiteId): (stored: boolean) => void
  /** True if a task could be sent to the site now, as far as its own state goes. */
  hasRoom(site: SiteId): boolean
}

export function createSnapshotSource(
  declared: { readonly locations: readonly Location[]; readonly projects: readonly Project[] },
  ledgers: ReadonlyMap<SiteId, SiteLedger>,
  now: () => number,
): SnapshotSource {
  const sites: readonly Site[] = [...ledgers.values()].map(({ site }) => site)
  const policyVersion = createHash('sha256')
    .update(JSON.stringify([sites, declared.locations, declared.projects]))
    .digest('hex')
    .slice(0, 16)
  const take = (at: number): Snapshot => {
    return {
      // By chance: it stands in every decision, and a count would tell how much is placed for others.
      id: `${policyVersion}-${randomUUID()}`,
      at,
      policyVersion,
      sites: [...ledgers.values()].map(ledger => ({ site: ledger.site, status: ledger.status(at) })),
      ...declared,
    }
  }
  const base = compileSnapshot(take(now()))
  return {
    take,
    compiled: at => renewSnapshot(base, take(at)),
    dispatched: site => ledgers.get(site)?.dispatched() ?? (() => undefined),
    hasRoom(site) {
      const ledger = ledgers.get(site)
      if (ledger === undefined || ledger.site.draining) return false
      const { health, submitBreakerOpen, idle, window } = ledger.status(now())
      return health !== 'down' && !submitBreakerOpen && idle < window
    },
  }
}
