/**
 * What people follow, as the composition root opens it: the feed of events, and the logs of tasks that run.
 */
import type { SiteId } from '@portolan/federation'
import type { Bus } from '../bus/bus.ts'
import type { ConfiguredSite } from '../config.ts'
import type { LiveLogs } from '../data/live-logs.ts'
import { createSiteLogs } from '../data/site-logs.ts'
import type { EventFeed } from '../events/event-feed.ts'
import type { EventObserver } from '../events/observer.ts'
import { createStoreFeed } from '../events/store-feed.ts'
import type { SiteLedger } from '../reconcile/site-ledger.ts'
import type { SiteGateway } from '../sites/gateway.ts'
import type { EventReads } from '../stores/event-reads.ts'

export interface EventParts {
  readonly reads: EventReads
  readonly bus: Bus
  readonly sites: readonly ConfiguredSite[]
  readonly gateways: ReadonlyMap<SiteId, SiteGateway>
  readonly ledgers: ReadonlyMap<SiteId, SiteLedger>
  readonly observer: EventObserver
  readonly now: () => number
}

export interface OpenedEvents extends AsyncDisposable {
  readonly feed: EventFeed
  readonly liveLogs: LiveLogs
}

export function openEvents({ reads, bus, sites, gateways, ledgers, observer, now }: EventParts): OpenedEvents {
  const feed = createStoreFeed(reads, bus, now)
  const live = sites.flatMap(({ site: { id }, liveReadsPerSecond: perSecond }) => {
    const gateway = gateways.get(id)
    const ledger = ledgers.get(id)
    return gateway && ledger ? [[id, { gateway, perSecond, may: () => ledger.may().get }] as const] : []
  })
  const liveLogs = createSiteLogs(new Map(live), observer, now)
  return {
    feed,
    liveLogs,
    async [Symbol.asyncDispose]() {
      await liveLogs[Symbol.asyncDispose]()
      await feed[Symbol.asyncDispose]()
    },
  }
}
