/**
 * The broker's metrics in the text format of Prometheus. What happens often is added up in plain numbers, and what has a present value is read
 * where it is kept; prom-client is asked only when somebody collects.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { AttemptEnd, SiteId, SiteStatus } from '@portolan/federation'
import type { TerminalState } from '@portolan/tes'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { DoorAct } from '../auth/limits/door-rules.ts'
import type { Bounded } from '../auth/limits/live-bounds.ts'
import type { EventObserver } from '../events/observer.ts'
import { SITE_OPERATIONS, type SiteOperation } from '../sites/health.ts'
import { createEventMetrics } from './event-metrics.ts'

/** One site as it is at the moment of collecting. */
export interface SiteFigures {
  readonly site: SiteId
  readonly status: SiteStatus
  readonly may: Readonly<Record<SiteOperation, boolean>>
}

/** Where present values are read when somebody collects. */
export interface MetricSources {
  readonly sites: () => readonly SiteFigures[]
  /** Commands that wait for the store's writer. */
  readonly storeQueue: () => number
}

export interface Metrics extends EventObserver {
  taskCreated(): void
  taskEnded(state: TerminalState): void
  decided(outcome: 'placed' | 'hold' | 'refused'): void
  limited(act: DoorAct, outcome: 'refused' | 'slowed'): void
  bounded(what: Bounded, count: number): void
  attemptEnded(site: SiteId, outcome: AttemptEnd['outcome']): void
  offered(site: SiteId, outcome: 'accepted' | 'rejected' | 'ambiguous', ms: number): void
  swept(site: SiteId, complete: boolean, ms: number, tasks: number): void
  /** All metrics as text, and the content type that goes with it. */
  render(): Promise<{ readonly text: string; readonly contentType: string }>
  [Symbol.dispose](): void
}

const SITE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** `registry`: where other metrics stand already. */
export function createMetrics(sources: MetricSources, registry = new Registry()): Metrics {
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  let created = 0
  const ended = new Map<TerminalState, number>()

  new Counter({
    name: 'portolan_tasks_created_total',
    help: 'Work items that were created.',
    registers,
    collect() {
      this.reset()
      this.inc(created)
    },
  })
  new Counter({
    name: 'portolan_tasks_ended_total',
    help: 'Work items that ended, by state.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset()
      for (const [state, count] of ended) this.inc({ state }, count)
    },
  })
  const decisions = new Counter({ name: 'portolan_decisions_total', help: 'Placements, by outcome.', labelNames: ['outcome'], registers })
  const limited = new Counter({
    name: 'portolan_limited_requests_total',
    help: 'Requests that were refused or slowed by a limit at the door, by what they were to do.',
    labelNames: ['act', 'outcome'],
    registers,
  })
  const bounded = new Counter({
    name: 'portolan_bounded_logins_total',
    help: 'Personal tokens that were refused, and devices, sessions and begun logins that went, because there were as many as there may be.',
    labelNames: ['what'],
    registers,
  })
  const attempts = new Counter({
    name: 'portolan_attempts_ended_total',
    help: 'Attempts that ended, by site and outcome.',
    labelNames: ['site', 'outcome'],
    registers,
  })
  const offers = new Histogram({
    name: 'portolan_offer_seconds',
    help: 'Time that a site took to answer a submission, by outcome.',
    labelNames: ['site', 'outcome'],
    buckets: SITE_SECONDS,
    registers,
  })
  const sweeps = new Histogram({
    name: 'portolan_sweep_seconds',
    help: 'Time that a listing of a site took.',
    labelNames: ['site', 'complete'],
    buckets: SITE_SECONDS,
    registers,
  })
  const listed = new Gauge({
    name: 'portolan_site_listed_tasks',
    help: 'Tasks in the last listing of a site.',
    labelNames: ['site'],
    registers,
  })
  addSiteGauges(registers, sources)
  addLinkGauge(registers, sources)
  new Gauge({
    name: 'portolan_store_queue',
    help: 'Commands that wait for the store’s writer.',
    registers,
    collect() {
      this.set(sources.storeQueue())
    },
  })
  const stopDelay = addEventLoopDelay(registers)

  return {
    ...createEventMetrics(registers),
    taskCreated() {
      created += 1
    },
    taskEnded(state) {
      ended.set(state, (ended.get(state) ?? 0) + 1)
    },
    decided: outcome => decisions.inc({ outcome }),
    limited: (act, outcome) => limited.inc({ act, outcome }),
    bounded: (what, count) => bounded.inc({ what }, count),
    attemptEnded: (site, outcome) => attempts.inc({ site, outcome }),
    offered: (site, outcome, ms) => offers.observe({ site, outcome }, ms / 1000),
    swept(site, complete, ms, tasks) {
      sweeps.observe({ site, complete: String(complete) }, ms / 1000)
      listed.set({ site }, tasks)
    },
    async render() {
      return { text: await registry.metrics(), contentType: registry.contentType }
    },
    [Symbol.dispose]() {
      stopDelay()
      registry.clear()
    },
  }
}

function addSiteGauges(registers: Registry[], { sites }: MetricSources): void {
  const figures: readonly [string, string, (figures: SiteFigures) => number | undefined][] = [
    ['portolan_site_up', 'Whether a site answers: 1 yes, 0 no; absent while it is not known.', ({ status }) => up(status)],
    ['portolan_site_running_tasks', 'Tasks of ours that run at a site.', ({ status }) => status.running],
    ['portolan_site_idle_tasks', 'Tasks of ours at a site that do not run yet.', ({ status }) => status.idle],
    ['portolan_site_window_tasks', 'How many tasks that do not run yet a site may have.', ({ status }) => status.window],
  ]
  for (const [name, help, read] of figures) {
    new Gauge({
      name,
      help,
      labelNames: ['site'],
      registers,
      collect() {
        this.reset()
        for (const one of sites()) {
          const value = read(one)
          if (value !== undefined) this.set({ site: one.site }, value)
        }
      },
    })
  }
  new Gauge({
    name: 'portolan_site_breaker_open',
    help: 'Whether the breaker of an operation is open: 1 yes, 0 no.',
    labelNames: ['site', 'operation'],
    registers,
    collect() {
      this.reset()
      for (const { site, may } of sites()) for (const operation of SITE_OPERATIONS) this.set({ site, operation }, may[operation] ? 0 : 1)
    },
  })
}

/** What was learned; a link that is as declared stands in no line. */
function addLinkGauge(registers: Registry[], { sites }: MetricSources): void {
  new Gauge({
    name: 'portolan_link_bits_per_second',
    help: 'How fast bytes come to a site from a location, as transfers have shown.',
    labelNames: ['site', 'location'],
    registers,
    collect() {
      this.reset()
      for (const { site, status } of sites()) {
        for (const [location, rate] of Object.entries(status.learned ?? {})) this.set({ site, location }, rate * 1000)
      }
    },
  })
}

function up({ health }: SiteStatus): number | undefined {
  return health === 'unknown' ? undefined : health === 'up' ? 1 : 0
}

/** The delay of the event loop since the last collection. */
function addEventLoopDelay(registers: Registry[]): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  new Gauge({
    name: 'portolan_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last collection.',
    labelNames: ['quantile'],
    registers,
    collect() {
      for (const percent of [50, 99, 100]) this.set({ quantile: String(percent / 100) }, delay.percentile(percent) / 1e9)
      delay.reset()
    },
  })
  return () => delay.disable()
}
