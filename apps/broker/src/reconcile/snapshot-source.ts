/**
 * The broker's picture of all sites: what operators declared, which never changes while the broker runs, and what the ledgers know at this moment.
 */
import { createHash } from 'node:crypto'
import type { Location, Project, Site, SiteId, Snapshot } from '@portolan/federation'
import type { SiteLedger } from './site-ledger.ts'

export interface SnapshotSource {
  take(at: number): Snapshot
  /** A task was just sent to the site: the next picture counts it. */
  dispatched(site: SiteId): void
}

export function createSnapshotSource(
  declared: { readonly locations: readonly Location[]; readonly projects: readonly Project[] },
  ledgers: ReadonlyMap<SiteId, SiteLedger>,
): SnapshotSource {
  const sites: readonly Site[] = [...ledgers.values()].map(({ site }) => site)
  const policyVersion = createHash('sha256')
    .update(JSON.stringify([sites, declared.locations, declared.projects]))
    .digest('hex')
    .slice(0, 16)
  let taken = 0
  return {
    take(at) {
      taken += 1
      return {
        id: `${policyVersion}-${at.toString(36)}-${taken}`,
        at,
        policyVersion,
        sites: [...ledgers.values()].map(ledger => ({ site: ledger.site, status: ledger.status(at) })),
        ...declared,
      }
    },
    dispatched(site) {
      ledgers.get(site)?.dispatched()
    },
  }
}
