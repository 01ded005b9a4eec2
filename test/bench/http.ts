/**
 * GET MINIMAL, GET FULL and POST against the bare handler of `reference.ts`: both servers under the same load in turn, 10,000 tasks, random ids.
 */
import type { BrokerReport } from './broker-server.ts'
import { startChild } from './child.ts'
import { applyLoad, createTasks, readBody } from './load.ts'
import { type BenchRow, makeRow } from './row.ts'
import { getRequest, POST_REQUEST } from './task.ts'

const TASKS = 10_000
const CONNECTIONS = 32
const ROUNDS = 7
const ROUND_MS = 1_500

export async function benchHttp(): Promise<BenchRow[]> {
  await using broker = await startChild<BrokerReport>('./broker-server.ts')
  await using reference = await startChild<string>('./reference.ts')
  const ids = await createTasks(broker.port, TASKS)
  const [id = ''] = ids
  await reference.ask({
    minimal: JSON.parse(await readBody(broker.port, getRequest(`/${id}`))),
    full: JSON.parse(await readBody(broker.port, getRequest(`/${id}?view=FULL`))),
  })
  const randomId = (): string => ids[Math.floor(Math.random() * ids.length)] ?? id
  const loads = [
    { id: 'get-minimal', bar: 0.6, next: () => getRequest(`/${randomId()}`) },
    { id: 'get-full', bar: 0.4, next: () => getRequest(`/${randomId()}?view=FULL`) },
    { id: 'post', bar: 0.5, next: () => POST_REQUEST },
  ]
  const rows: BenchRow[] = []
  for (const { id: row, bar, next } of loads) {
    const { samples, against } = await alternate(broker.port, reference.port, next)
    rows.push(makeRow({ id: row, unit: 'requests/s', bar, good: 'atLeast', samples, against }))
  }
  return rows
}

/** Both in turn, so that what else the machine does falls on both. The first round warms up. */
async function alternate(brokerPort: number, referencePort: number, next: () => string) {
  const samples: number[] = []
  const against: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [port, into] of [
      [brokerPort, samples],
      [referencePort, against],
    ] as const) {
      const { perSecond } = await applyLoad({ port, connections: CONNECTIONS, ms: ROUND_MS, next })
      if (round > 0) into.push(perSecond)
    }
  }
  return { samples, against }
}
