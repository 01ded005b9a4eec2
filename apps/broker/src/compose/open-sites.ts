/**
 * The sites as the composition root opens them: a gateway and a ledger for each.
 */
import type { SiteId } from '@portolan/federation'
import type { Logger } from 'pino'
import type { ConfiguredSite } from '../config.ts'
import { type AccessPorts, openSiteAccess } from '../http/access.ts'
import { createSiteLedger, type SiteLedger } from '../reconcile/site-ledger.ts'
import { createSiteHealth } from '../sites/breaker-health.ts'
import type { SiteGateway } from '../sites/gateway.ts'
import { logHealth } from '../sites/health-log.ts'
import { createTesGateway } from '../sites/push-gateway.ts'

export interface OpenedSites extends AsyncDisposable {
  readonly gateways: ReadonlyMap<SiteId, SiteGateway>
  readonly ledgers: ReadonlyMap<SiteId, SiteLedger>
}

export function openSites(sites: readonly ConfiguredSite[], access: AccessPorts, log: Logger): OpenedSites {
  const { now } = access
  const gateways = new Map<SiteId, SiteGateway>()
  const ledgers = new Map<SiteId, SiteLedger>()
  for (const { site, url, credential, concurrentRequests } of sites) {
    const own = openSiteAccess(new URL(url).origin, credential, access)
    gateways.set(site.id, createTesGateway({ site, url, access: own, concurrentRequests }))
    ledgers.set(site.id, createSiteLedger(site, logHealth(site, createSiteHealth(site, now), log), now))
  }
  return {
    gateways,
    ledgers,
    async [Symbol.asyncDispose]() {
      await Promise.all([...gateways.values()].map(gateway => gateway[Symbol.asyncDispose]()))
    },
  }
}
