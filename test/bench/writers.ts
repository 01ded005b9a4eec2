/**
 * 32 clients create tasks over HTTP while each commit takes 5 ms, and others poll. The same polls are measured twice more, in turn: without writers,
 * which tells what the writers cost a poll, and at a second broker that nobody else asks while the writers write to the first, which tells what of that
 * the machine would take from any server beside so much work.
 */
import type { BrokerReport } from './broker-server.ts'
import { startChild } from './child.ts'
import { applyLoad, createTasks } from './load.ts'
import type { PollQuestion } from './poller.ts'
import { type BenchRow, makeRow, quantile } from './row.ts'
import { POST_REQUEST } from './task.ts'

const WRITERS = 32
const COMMIT_DELAY_MS = 5
const POLLERS = 8
const POLL_PAUSE_MS = 10
/** A client thinks between two tasks; without it the load would be as much as the broker bears, and every wait that of a full queue. */
const WRITE_PAUSE_MS = 4
const TASKS = 2_000
const ROUNDS = 5
const ROUND_MS = 3_000

export async function benchWriters(): Promise<BenchRow[]> {
  await using broker = await startChild<BrokerReport>('./broker-server.ts', { commitDelayMs: COMMIT_DELAY_MS })
  await using idleBroker = await startChild<BrokerReport>('./broker-server.ts')
  const busy = { port: broker.port, ids: await createTasks(broker.port, TASKS) }
  const idle = { port: idleBroker.port, ids: await createTasks(idleBroker.port, TASKS) }
  await using poller = await startChild<number[]>('./poller.ts')
  const poll = (at: Pick<PollQuestion, 'port' | 'ids'>) =>
    poller.ask({ ...at, connections: POLLERS, ms: ROUND_MS, pauseMs: POLL_PAUSE_MS } satisfies PollQuestion)
  const write = () => applyLoad({ port: busy.port, connections: WRITERS, ms: ROUND_MS, pauseMs: WRITE_PAUSE_MS, next: () => POST_REQUEST })

  const seen = {
    loopDelay: [] as number[],
    perSecond: [] as number[],
    createP99: [] as number[],
    quietP99: [] as number[],
    busyP99: [] as number[],
    besideP99: [] as number[],
  }
  await Promise.all([poll(busy), write()])
  await poll(idle)
  for (let round = 0; round < ROUNDS; round += 1) {
    seen.quietP99.push(p99(await poll(busy)))
    await broker.ask('watch')
    const [polls, writes] = await Promise.all([poll(busy), write()])
    const { loopDelayP99Ms } = await broker.ask('report')
    seen.loopDelay.push(loopDelayP99Ms)
    seen.perSecond.push(writes.perSecond)
    seen.createP99.push(p99(writes.latencies))
    seen.busyP99.push(p99(polls))
    const [beside] = await Promise.all([poll(idle), write()])
    seen.besideP99.push(p99(beside))
  }
  return [
    makeRow({ id: 'writers-loop-delay-p99', unit: 'ms', bar: 10, good: 'below', samples: seen.loopDelay }),
    makeRow({ id: 'writers-creates', unit: 'creates/s', bar: 1_500, good: 'atLeast', samples: seen.perSecond }),
    makeRow({ id: 'writers-create-p99', unit: 'ms', bar: 40, good: 'below', samples: seen.createP99 }),
    makeRow({ id: 'writers-get-p99', unit: 'ms', bar: 4, good: 'atMost', samples: seen.busyP99, against: seen.quietP99 }),
    makeRow({ id: 'writers-get-p99-own', unit: 'ms', bar: 2, good: 'atMost', samples: seen.busyP99, against: seen.besideP99 }),
  ]
}

function p99(latencies: readonly number[]): number {
  return quantile(latencies, 0.99)
}
