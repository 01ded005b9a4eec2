/**
 * Who is told of what the reconciler does, after it is durable. Feeds metrics; what an observer does changes nothing.
 */
import type { AttemptEnd, Decision, SiteId } from '@portolan/federation'
import type { TerminalState } from '@portolan/tes'

export interface ReconcileObserver {
  decided(outcome: Decision['outcome']): void
  taskEnded(state: TerminalState): void
  attemptEnded(site: SiteId, outcome: AttemptEnd['outcome']): void
  /** `ms`: how long the site took to answer. */
  offered(site: SiteId, outcome: 'accepted' | 'rejected' | 'ambiguous', ms: number): void
  /** `tasks`: how many the listing had. */
  swept(site: SiteId, complete: boolean, ms: number, tasks: number): void
}
