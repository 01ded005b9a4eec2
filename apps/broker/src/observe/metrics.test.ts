import type { LocationId, SiteId, SiteStatus } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { createMetrics, type SiteFigures } from './metrics.ts'

const CHARITE = 'charite' as SiteId
const status: SiteStatus = {
  health: 'up',
  submitBreakerOpen: true,
  idle: 2,
  window: 5,
  running: 7,
  waitMs: 0,
  dispatchedSince: 0,
  drainMs: 0,
  failuresMilli: 0,
  attemptsMilli: 0,
}

describe('the metrics', () => {
  it('say what happened and how things stand', async () => {
    let sites: SiteFigures[] = [
      {
        site: CHARITE,
        status: { ...status, learned: { ['surf-s3' as LocationId]: 400_000 } },
        may: { submit: false, list: true, get: true, cancel: true },
      },
      { site: 'surf' as SiteId, status: { ...status, health: 'unknown' }, may: { submit: true, list: true, get: true, cancel: true } },
    ]
    using metrics = createMetrics({ sites: () => sites, storeQueue: () => 3 })
    metrics.taskCreated()
    metrics.taskCreated()
    metrics.taskEnded('COMPLETE')
    metrics.decided('placed')
    metrics.attemptEnded(CHARITE, 'COMPLETE')
    metrics.offered(CHARITE, 'accepted', 200)
    metrics.swept(CHARITE, true, 80, 12)
    const { text, contentType } = await metrics.render()
    expect(contentType).toMatch(/^text\/plain/)
    const lines = text.split('\n')
    for (const line of [
      'portolan_tasks_created_total 2',
      'portolan_tasks_ended_total{state="COMPLETE"} 1',
      'portolan_decisions_total{outcome="placed"} 1',
      'portolan_attempts_ended_total{site="charite",outcome="COMPLETE"} 1',
      'portolan_offer_seconds_sum{site="charite",outcome="accepted"} 0.2',
      'portolan_sweep_seconds_count{site="charite",complete="true"} 1',
      'portolan_site_listed_tasks{site="charite"} 12',
      'portolan_site_up{site="charite"} 1',
      'portolan_site_running_tasks{site="charite"} 7',
      'portolan_site_idle_tasks{site="charite"} 2',
      'portolan_site_window_tasks{site="charite"} 5',
      'portolan_site_breaker_open{site="charite",operation="submit"} 1',
      'portolan_site_breaker_open{site="surf",operation="submit"} 0',
      'portolan_link_bits_per_second{site="charite",location="surf-s3"} 400000000',
      'portolan_store_queue 3',
    ]) {
      expect(lines).toContain(line)
    }
    expect(text).not.toContain('portolan_site_up{site="surf"}')
    expect(text).toMatch(/portolan_event_loop_delay_seconds\{quantile="0.99"\} [\d.e+-]+/)

    sites = []
    expect((await metrics.render()).text).not.toContain('site="surf"')
  })
})
