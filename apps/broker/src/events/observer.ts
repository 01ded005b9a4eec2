/**
 * Who is told of what is followed. Feeds metrics; what an observer does changes nothing.
 */
import type { SiteId } from '@portolan/federation'

export interface EventObserver {
  streamOpened(): void
  streamEnded(): void
  /** Events that were handed to streams. */
  sent(count: number): void
  /** A site was asked what a task has written. */
  liveRead(site: SiteId, outcome: 'found' | 'absent' | 'failed'): void
}
