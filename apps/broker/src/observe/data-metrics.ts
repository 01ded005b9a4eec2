/**
 * The metrics of data: how the servers of locations answer, what is found out of inputs and outputs, and what passes through. No label holds a URL.
 */
import type { LocationId } from '@portolan/federation'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { LocationCondition } from '../data/location-health.ts'
import type { DataObserver } from '../data/observer.ts'

/** The locations as they are at the moment of collecting. */
export type LocationConditions = () => readonly (readonly [LocationId, LocationCondition])[]

const STORE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const LOCATE_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1]

export function createDataMetrics(registers: Registry[], conditions: LocationConditions): DataObserver {
  addLocationGauge(registers, conditions)
  const asked = new Histogram({
    name: 'portolan_location_request_seconds',
    help: 'Time that the server of a location took to answer, by operation and outcome.',
    labelNames: ['location', 'operation', 'outcome'],
    buckets: STORE_SECONDS,
    registers,
  })
  const located = new Counter({
    name: 'portolan_located_inputs_total',
    help: 'Inputs of placements, by whether their size was known.',
    labelNames: ['outcome'],
    registers,
  })
  const locating = new Histogram({
    name: 'portolan_locate_seconds',
    help: 'Time that finding the inputs of one placement took.',
    buckets: LOCATE_SECONDS,
    registers,
  })
  const measured = new Counter({
    name: 'portolan_outputs_measured_total',
    help: 'Tasks whose outputs were measured at their end, by how much was found.',
    labelNames: ['outcome'],
    registers,
  })
  const measuring = new Histogram({
    name: 'portolan_measure_seconds',
    help: 'Time that measuring the outputs of one task took.',
    buckets: STORE_SECONDS,
    registers,
  })
  const links = new Counter({
    name: 'portolan_links_total',
    help: 'Links that were made, by location and by whom they are for.',
    labelNames: ['location', 'use'],
    registers,
  })
  const relayed = new Counter({
    name: 'portolan_relayed_bytes_total',
    help: 'Bytes of data that passed through the broker.',
    labelNames: ['direction'],
    registers,
  })
  return {
    asked: (location, operation, ms, failure) => asked.observe({ location, operation, outcome: failure ?? 'answered' }, ms / 1000),
    located(known, missing, assumed, ms) {
      located.inc({ outcome: 'known' }, known)
      located.inc({ outcome: 'missing' }, missing)
      located.inc({ outcome: 'assumed' }, assumed)
      locating.observe(ms / 1000)
    },
    measured(outcome, ms) {
      measured.inc({ outcome })
      measuring.observe(ms / 1000)
    },
    linked: (location, use) => links.inc({ location, use }),
    relayed: (direction, bytes) => relayed.inc({ direction }, bytes),
  }
}

function addLocationGauge(registers: Registry[], conditions: LocationConditions): void {
  new Gauge({
    name: 'portolan_location_up',
    help: 'Whether the server of a location answers: 1 yes, 0 no; absent while it is not known.',
    labelNames: ['location'],
    registers,
    collect() {
      this.reset()
      for (const [location, { state }] of conditions()) if (state !== 'unknown') this.set({ location }, state === 'up' ? 1 : 0)
    },
  })
}
