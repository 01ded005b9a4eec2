/**
 * The broker with its reconciler and sites that do no work: how long a task is under way to its site, and, with 100,000 tasks running at 50 sites, how
 * long an end there is unknown here and what it costs the sites to be asked.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { BrokerReport } from './broker-server.ts'
import { startChild } from './child.ts'
import type { FleetQuestion, FleetReport } from './fleet.ts'
import { applyLoad, readBody } from './load.ts'
import { type BenchRow, makeRow, quantile } from './row.ts'
import { getRequest, postRequest, runningId } from './task.ts'

const SUBMITS = 60
/** Of these nothing is measured: a site that nothing is known of gets few tasks until it has shown that they run. */
const FIRST_SUBMITS = 20
const SUBMIT_PAUSE_MS = 150

const SITES = 50
const RUNNING = 100_000
/** The sweeps of the default configuration. */
const SWEEP_MS = 30_000
const WINDOW_MS = 2 * SWEEP_MS
const ENDS = 300
const LOOK_EVERY_MS = 200
/** An end that is not shown by then is lost. */
const LATEST_MS = 4 * SWEEP_MS
const POLLERS = 4
const POLL_PAUSE_MS = 20

/** From the answer of a create until its site is asked to take it; one after another, at a site that nothing else happens at. */
export async function benchSubmit(): Promise<BenchRow[]> {
  await using fleet = await startChild<FleetReport>('./fleet.ts', { sites: 1 })
  await using broker = await startChild<BrokerReport>('./broker-server.ts', { roles: ['api', 'reconciler'], fleet: fleet.port, sites: 1 })
  const createdAt: Record<string, number> = {}
  for (let submit = -FIRST_SUBMITS; submit < SUBMITS; submit += 1) {
    const name = `submit-${submit}`
    await readBody(broker.port, postRequest(name))
    if (submit >= 0) createdAt[name] = Date.now()
    await pause(SUBMIT_PAUSE_MS)
  }
  const { offeredAt } = await fleet.ask('report')
  const delays = Object.entries(createdAt).flatMap(([name, at]) =>
    offeredAt[name] === undefined ? [] : [Math.max(0, offeredAt[name] - at)],
  )
  if (delays.length < SUBMITS) throw new Error(`${SUBMITS - delays.length} of ${SUBMITS} tasks were not offered`)
  return [
    makeRow({ id: 'submit-delay', unit: 'ms', bar: null, good: 'below', samples: delays }),
    makeRow({ id: 'submit-delay-p99', unit: 'ms', bar: null, good: 'below', samples: [quantile(delays, 0.99)] }),
  ]
}

/** Tasks end one after another through two sweeps; polls go on beside. The budget is a listing a sweep and a read an end. */
export async function benchTracking(): Promise<BenchRow[]> {
  await using fleet = await startChild<FleetReport>('./fleet.ts', { sites: SITES, running: RUNNING })
  await using broker = await startChild<BrokerReport>('./broker-server.ts', {
    roles: ['api', 'reconciler'],
    running: RUNNING,
    fleet: fleet.port,
    sites: SITES,
  })
  while ((await fleet.ask('report')).lists < SITES) await pause(LOOK_EVERY_MS)
  await pause(SWEEP_MS)
  const begunAt = Date.now()
  await fleet.ask({ ends: ENDS, ms: WINDOW_MS } satisfies FleetQuestion)
  const polls = applyLoad({
    port: broker.port,
    connections: POLLERS,
    ms: WINDOW_MS,
    pauseMs: POLL_PAUSE_MS,
    next: () => getRequest(`/${runningId(1)}`),
  })
  const shownAt = await watchEnds(broker.port)
  const minutes = (Date.now() - begunAt) / 60_000
  const { lists, others, endedAt } = await fleet.ask('report')
  const lags = Object.entries(endedAt).map(([id, at]) => ((shownAt.get(id) ?? Number.NaN) - at) / 1_000)
  const budget = (SITES * minutes * 60_000) / SWEEP_MS + ENDS
  return [
    makeRow({ id: 'track-lag', unit: 's', bar: null, good: 'below', samples: lags }),
    makeRow({ id: 'track-lag-p99', unit: 's', bar: null, good: 'below', samples: [quantile(lags, 0.99)] }),
    makeRow({
      id: 'track-requests',
      unit: 'requests/min',
      bar: null,
      good: 'atMost',
      samples: [(lists + others) / minutes],
      against: [budget / minutes],
    }),
    makeRow({ id: 'track-get-p99', unit: 'ms', bar: null, good: 'below', samples: [quantile((await polls).latencies, 0.99)] }),
  ]
}

/** When each task was first shown as complete, by id; ms since 1970. */
async function watchEnds(port: number): Promise<ReadonlyMap<string, number>> {
  const shownAt = new Map<string, number>()
  const latest = Date.now() + WINDOW_MS + LATEST_MS
  while (shownAt.size < ENDS) {
    const { tasks }: { tasks: readonly { id: string }[] } = JSON.parse(await readBody(port, getRequest('?state=COMPLETE&page_size=2047')))
    const now = Date.now()
    for (const { id } of tasks) if (!shownAt.has(id)) shownAt.set(id, now)
    if (now > latest) throw new Error(`${ENDS - shownAt.size} of ${ENDS} ends are not shown`)
    await pause(LOOK_EVERY_MS)
  }
  return shownAt
}
