/**
 * A line in the log for each change of a site's health, and none for each request: the site goes down or comes back, the breaker of an operation
 * opens or closes.
 */
import type { Site } from '@portolan/federation'
import type { Logger } from 'pino'
import type { SiteHealth, SiteOperation } from './health.ts'

/** The same health, whose changes are logged. */
export function logHealth(site: Site, health: SiteHealth, log: Logger): SiteHealth {
  const open = new Set<SiteOperation>()
  return {
    ...health,
    record(operation, failure) {
      const before = health.state()
      health.record(operation, failure)
      const after = health.state()
      const about = {
        site: site.id,
        operation,
        ...(failure && { reason: failure.kind, ...(failure.trouble && { trouble: failure.trouble.kind }) }),
      }
      if (after === 'down' && before !== 'down') log.warn(about, 'a site is down: its tasks cannot be listed')
      if (after !== 'down' && before === 'down') log.info(about, 'a site is back')
      // Open until an answer comes: a new try that fails as well is no change.
      if (!failure || failure.kind === 'refused') {
        if (open.delete(operation)) log.info(about, 'a breaker has closed: the operation is tried again')
      } else if (!health.may(operation) && !open.has(operation)) {
        open.add(operation)
        log.warn(about, 'a breaker has opened: the operation is not tried for a while')
      }
    },
  }
}
