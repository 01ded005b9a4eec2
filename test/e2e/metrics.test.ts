import { isTerminal } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { followStream } from '../harness/event-stream.ts'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

/** The value of each series, by its name and labels as they are written. */
async function collect(federation: TestFederation): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${federation.url()}/metrics`, { signal: AbortSignal.timeout(10_000) })
  const lines = (await answer.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

async function create(federation: TestFederation, key: string): Promise<number> {
  const { status } = await fetch(`${federation.url()}/ga4gh/tes/v1/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ executors: [{ image: 'alpine', command: ['true'] }] }),
    signal: AbortSignal.timeout(10_000),
  })
  return status
}

describe('the metrics of a broker at work', () => {
  it('count a create once, however often it is repeated, and every step of it after that', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    expect((await collect(federation)).get('portolan_tasks_created_total')).toBe(0)
    expect([await create(federation, 'a'), await create(federation, 'a'), await create(federation, 'b')]).toEqual([200, 200, 200])
    await federation.settle()
    const series = await until('the end of both is counted', async () => {
      const now = await collect(federation)
      return now.get('portolan_tasks_ended_total{state="COMPLETE"}') === 2 && now
    })
    const exact = {
      portolan_tasks_created_total: 2,
      'portolan_decisions_total{outcome="placed"}': 2,
      'portolan_attempts_ended_total{site="only",outcome="COMPLETE"}': 2,
      'portolan_offer_seconds_count{site="only",outcome="accepted"}': 2,
      'portolan_site_up{site="only"}': 1,
      'portolan_site_running_tasks{site="only"}': 0,
      'portolan_site_idle_tasks{site="only"}': 0,
      'portolan_site_breaker_open{site="only",operation="submit"}': 0,
      'portolan_http_request_seconds_count{operation="CreateTask",status="200"}': 3,
    }
    expect(Object.fromEntries(Object.keys(exact).map(name => [name, series.get(name)]))).toEqual(exact)
    await until('a listing shows both', async () => (await collect(federation)).get('portolan_site_listed_tasks{site="only"}') === 2)
    for (const moved of [
      'portolan_sweep_seconds_count{site="only",complete="true"}',
      'portolan_site_window_tasks{site="only"}',
      'portolan_event_loop_delay_seconds{quantile="1"}',
    ]) {
      expect([moved, series.get(moved)]).toEqual([moved, expect.any(Number)])
      expect(series.get(moved)).toBeGreaterThan(0)
    }
    expect(series.has('portolan_store_queue')).toBe(true)
  })

  it('count a task that no site may run as decided and ended', async () => {
    await using federation = await startFederation({ sites: [] })
    await federation.run()
    const series = await collect(federation)
    expect(series.get('portolan_decisions_total{outcome="refused"}')).toBe(1)
    expect(series.get('portolan_tasks_ended_total{state="SYSTEM_ERROR"}')).toBe(1)
  })

  it('count a cancel that a silent site never confirms as an end', async () => {
    await using federation = await startFederation({
      sites: [fakeSite('only', {}, { progress: 'manual' })],
      tracking: { siteTimeoutSeconds: 0.5, staleAfterSeconds: 0.5, lostAfterSeconds: 1 },
    })
    const id = await federation.submit()
    await until('the site has it', () => federation.fake('only').tasks.size === 1)
    await federation.site('only').stop()
    await federation.client().cancelTask(id)
    await until('it is shown as over', async () => isTerminal((await federation.full(id)).state))
    await until('it is counted', async () => (await collect(federation)).get('portolan_tasks_ended_total{state="CANCELED"}') === 1, 5_000)
    expect((await collect(federation)).get('portolan_site_up{site="only"}')).toBe(0)
  })
})

describe('T03 the figures of a broker behind a proxy that says nothing of its clients', () => {
  it.each([
    ['are nobody’s', {}, 403],
    ['are for whom the operator names', { metricsFrom: ['127.0.0.1'] }, 200],
  ])('%s', async (_, server, status) => {
    await using broker = await startBrokerWithLogin({ publicUrl: 'https://portolan.example.org', server })
    for (const proto of ['http', 'https']) {
      const headers = { 'x-forwarded-proto': proto }
      const answer = await fetch(`${broker.url}/metrics`, { headers, signal: AbortSignal.timeout(10_000) })
      await answer.text()
      expect(answer.status).toBe(status)
    }
    expect((await fetch(`${broker.url}/healthz`, { signal: AbortSignal.timeout(10_000) })).status).toBe(200)
  })

  it('count who follows, what they are told, and what a site is asked for them', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', {}, { progress: 'manual' })] })
    const stream = await followStream(`${federation.url()}/portolan/v1/events`)
    const id = await federation.submit()
    await until('the site has it', () => federation.fake('only').tasks.size === 1)
    await until('it is there', async () => JSON.parse((await federation.portolan(`tasks/${id}/logs`)).text).live)
    await until('it is told', () => stream.events.length > 0)
    const open = await collect(federation)
    expect(open.get('portolan_event_streams')).toBe(1)
    expect(open.get('portolan_events_sent_total')).toBeGreaterThanOrEqual(stream.events.length)
    expect(open.get('portolan_live_reads_total{site="only",outcome="found"}')).toBe(1)
    stream.close()
    await until('it has left', async () => (await collect(federation)).get('portolan_event_streams') === 0)
  })
})
