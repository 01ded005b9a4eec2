/**
 * Metrics of those who follow tasks: streams, events, and reads of live logs.
 */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { EventObserver } from '../events/observer.ts'

export function createEventMetrics(registers: Registry[]): EventObserver {
  const streams = new Gauge({ name: 'portolan_event_streams', help: 'Streams of events that are open.', registers })
  const sent = new Counter({ name: 'portolan_events_sent_total', help: 'Events that were handed to streams.', registers })
  const reads = new Counter({
    name: 'portolan_live_reads_total',
    help: 'Requests to sites for what a running task has written, by outcome.',
    labelNames: ['site', 'outcome'],
    registers,
  })
  return {
    streamOpened: () => streams.inc(),
    streamEnded: () => streams.dec(),
    sent: count => sent.inc(count),
    liveRead: (site, outcome) => reads.inc({ site, outcome }),
  }
}
