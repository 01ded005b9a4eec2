/**
 * Events as the composition root opens them: the feed that everybody who follows tasks reads.
 */
import type { Bus } from '../bus/bus.ts'
import type { EventFeed } from '../events/event-feed.ts'
import { createStoreFeed } from '../events/store-feed.ts'
import type { EventReads } from '../stores/event-reads.ts'

export interface OpenedEvents extends AsyncDisposable {
  readonly feed: EventFeed
}

export function openEvents(reads: EventReads, bus: Bus, now: () => number): OpenedEvents {
  const feed = createStoreFeed(reads, bus, now)
  return {
    feed,
    async [Symbol.asyncDispose]() {
      await feed[Symbol.asyncDispose]()
    },
  }
}
