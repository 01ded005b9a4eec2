/**
 * What a person waits for: the demo, and the broker's start. And the memory that the broker holds with 10,000 tasks behind it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTasks } from './load.ts'
import { runProgram, startProgram } from './program.ts'
import { type BenchRow, makeRow } from './row.ts'

const STARTS = 7
const TASKS = 10_000
const DEMO_TIMEOUT_MS = 300_000

/** Once: what is measured takes long enough to be even. With the data at data servers, as on a machine that has Node alone. */
export async function benchDemo(): Promise<BenchRow[]> {
  const { seconds } = await runProgram('demo/src/main.ts', DEMO_TIMEOUT_MS, { DEMO_STORE: 'http' })
  return [makeRow({ id: 'demo-seconds', unit: 's', bar: 60, good: 'below', samples: [seconds] })]
}

/** The whole program without a configuration, until it says where it listens; in an empty folder each time. */
export async function benchStart(): Promise<BenchRow[]> {
  const samples: number[] = []
  for (let start = 0; start < STARTS; start += 1) await withBroker(async ({ seconds }) => void samples.push(seconds))
  return [makeRow({ id: 'start-seconds', unit: 's', bar: null, good: 'below', samples })]
}

/** The resident set of the whole program, reconciler and all, after so many tasks were created and have ended. */
export async function benchMemory(): Promise<BenchRow[]> {
  const samples: number[] = []
  await withBroker(async ({ url, residentMb }) => {
    await createTasks(Number(new URL(url).port), TASKS)
    samples.push(residentMb())
  })
  return [makeRow({ id: 'memory-mb', unit: 'MB', bar: null, good: 'below', samples })]
}

async function withBroker(use: (broker: Awaited<ReturnType<typeof startProgram>>) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-bench-'))
  const broker = await startProgram('apps/broker/src/main.ts', ['--port', '0'], folder)
  try {
    await use(broker)
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
