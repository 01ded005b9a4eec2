/**
 * The ledger of one site: its window, its waits and failures, and whether it can be asked. What the placement weighs and what the plan may do
 * come from here. In memory; a restart begins with the figures of an unknown site.
 */
import {
  type Attempt,
  chargeOf,
  countDispatch,
  countEnd,
  countIdle,
  countStart,
  countTransfer,
  describeStatistics,
  findTransfer,
  growWindow,
  isFenced,
  type LocatedInput,
  type Site,
  type SiteStatus,
  type SiteView,
  shrinkWindow,
  startStatistics,
  startWindow,
} from '@portolan/federation'
import type { TesTaskLog } from '@portolan/tes'
import type { OperationFailure, SiteHealth, SiteOperation } from '../sites/health.ts'

export interface SiteLedger {
  readonly site: Site
  status(at: number): SiteStatus
  may(): SiteView['may']
  window(): number
  /** The present attempts at the site, after each look at them. */
  count(attempts: readonly Attempt[]): void
  /** A task is about to be placed there, and counts from now on; to be told whether its attempt became durable. */
  dispatched(): (stored: boolean) => void
  /** A request was answered, or failed. */
  answered(operation: SiteOperation, failure: OperationFailure | undefined): void
  /** An attempt changed: starts and ends feed the averages. True if a place in the window became free. */
  record(before: Attempt | undefined, after: Attempt, at: number): boolean
  /** A task has ended there: by its log how long its inputs took to come. `located`: where they lie, as far as the locators know. */
  transferred(located: readonly LocatedInput[], log: TesTaskLog, at: number): void
}

export function createSiteLedger(site: Site, health: SiteHealth, now: () => number): SiteLedger {
  let statistics = startStatistics(now())
  let window = startWindow(false, site.limits)
  /** Those of the last look, and those whose attempt is being written just now. */
  let idle = 0
  let arriving = 0
  let running = 0

  return {
    site,
    status(at) {
      return {
        health: health.state(),
        submitBreakerOpen: !health.may('submit'),
        listTrouble: health.trouble('list'),
        submitTrouble: health.trouble('submit'),
        readTrouble: health.may('get') ? undefined : health.trouble('get'),
        idle: idle + arriving,
        window,
        running,
        ...describeStatistics(statistics, site, at),
      }
    },
    may: () => ({ submit: health.may('submit'), list: health.may('list'), get: health.may('get'), cancel: health.may('cancel') }),
    window: () => window,
    count(attempts) {
      const placed = attempts.filter(({ state }) => state === 'PLACED' || state === 'INTENT').length
      idle = countIdle(attempts) + placed
      running = attempts.filter(attempt => attempt.everRan && !isFenced(attempt)).length
    },
    dispatched() {
      arriving += 1
      statistics = countDispatch(statistics)
      return stored => {
        arriving -= 1
        if (stored) idle += 1
      }
    },
    answered(operation, failure) {
      health.record(operation, failure)
      if (operation === 'submit' && failure && failure.kind !== 'refused') window = shrinkWindow(window, site.limits)
    },
    record(before, after, at) {
      const started = after.everRan && !before?.everRan
      const ended = isFenced(after) && !(before && isFenced(before))
      // The place is free at once: whoever waits for it looks before the next count.
      if (started || (ended && !after.everRan)) idle = Math.max(0, idle - 1)
      if (ended && before?.everRan) running = Math.max(0, running - 1)
      if (started) {
        running += ended ? 0 : 1
        window = growWindow(window, 1, running, site.limits)
        statistics = countStart(statistics, at - (after.acceptedAt ?? at), at)
      }
      if (ended) statistics = countEnd(statistics, chargeOf(after, [], false) === 'site', at)
      return started || ended
    },
    transferred(located, log, at) {
      const transfer = findTransfer(site, located, stagingMs(log))
      if (transfer) statistics = countTransfer(statistics, site, transfer, at)
    },
  }
}

/** From when the site took the task up to its first executor, by the site's own clock; NaN where it does not say. */
function stagingMs({ start_time, logs }: TesTaskLog): number {
  return Date.parse(logs[0]?.start_time ?? '') - Date.parse(start_time ?? '')
}
