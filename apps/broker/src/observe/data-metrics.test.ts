import type { LocationId } from '@portolan/federation'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { createDataMetrics } from './data-metrics.ts'

const A = 'a' as LocationId

it('the metrics of data add up what was told', async () => {
  const registry = new Registry()
  const metrics = createDataMetrics([registry], () => [
    [A, { state: 'up' }],
    ['b' as LocationId, { state: 'down', trouble: 'x' }],
    ['c' as LocationId, { state: 'unknown' }],
  ])
  metrics.asked(A, 'list', 250, undefined)
  metrics.asked(A, 'list', 250, 'timeout')
  metrics.located(7, 1, 2, 100)
  metrics.measured('partly', 500)
  metrics.linked(A, 'staging')
  metrics.relayed('down', 1000)
  metrics.relayed('down', 24)
  const text = await registry.metrics()
  const lines = text.split('\n')
  for (const line of [
    'portolan_location_up{location="a"} 1',
    'portolan_location_up{location="b"} 0',
    'portolan_location_request_seconds_sum{location="a",operation="list",outcome="answered"} 0.25',
    'portolan_location_request_seconds_count{location="a",operation="list",outcome="timeout"} 1',
    'portolan_located_inputs_total{outcome="known"} 7',
    'portolan_located_inputs_total{outcome="missing"} 1',
    'portolan_located_inputs_total{outcome="assumed"} 2',
    'portolan_locate_seconds_sum 0.1',
    'portolan_outputs_measured_total{outcome="partly"} 1',
    'portolan_measure_seconds_sum 0.5',
    'portolan_links_total{location="a",use="staging"} 1',
    'portolan_relayed_bytes_total{direction="down"} 1024',
  ])
    expect(lines).toContain(line)
  expect(text).not.toContain('location="c"')
})
