/**
 * Measures the SQLite store alone: creates by 32 clients while each commit takes 5 ms, reads beside them, and lists in a store of 100,000.
 * Prints one line a figure. Run: `node test/bench/store.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ProjectId, WorkId } from '@portolan/federation'
import { LOCAL } from '../../apps/broker/src/auth/principal.ts'
import { openKeyRing } from '../../apps/broker/src/stores/key-ring.ts'
import { openSqliteStore } from '../../apps/broker/src/stores/sqlite-store.ts'
import type { ListFilter, Store } from '../../apps/broker/src/stores/store.ts'

const CLIENTS = 32
const COMMIT_DELAY_MS = 5
const WRITE_SECONDS = 5
const STORED = 100_000

const idOf = (number: number): WorkId => `b${String(number).padStart(9, '0')}` as WorkId
const quantile = (values: readonly number[], q: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? 0
const show = (what: string, value: number, unit: string): void => console.log(`${what.padEnd(64)} ${value.toFixed(2)} ${unit}`)

function create(store: Store, number: number) {
  const half = number % 2 === 0 ? 'even' : 'odd'
  return store.execute({
    kind: 'create',
    principal: LOCAL,
    work: {
      id: idOf(number),
      kind: 'task',
      project: 'local' as ProjectId,
      visibility: 'owner',
      name: `n-${number}`,
      tags: { [half]: 'yes', rare: String(number % 100) },
      documentText: JSON.stringify({
        name: `n-${number}`,
        description: 'x'.repeat(500),
        executors: [{ image: 'alpine', command: ['true'] }],
      }),
      createdAt: Date.now(),
      rerunnable: false,
    },
    now: Date.now(),
  })
}

/** Reads one work item after the other, a turn of the event loop between two, until told to stop; answers each read's time in ms. */
async function readUntil(store: Store, stored: () => number, stopped: () => boolean): Promise<readonly number[]> {
  const times: number[] = []
  while (!stopped()) {
    const id = idOf(Math.floor(Math.random() * stored()))
    const startedAt = performance.now()
    store.getWork(LOCAL, id)
    times.push(performance.now() - startedAt)
    await nextTurn()
  }
  return times
}

async function benchWrites(dir: string): Promise<void> {
  const keys = await openKeyRing(join(dir, 'keys'))
  await using store = await openSqliteStore({ path: join(dir, 'writes.db'), keys }, { commitDelayMs: COMMIT_DELAY_MS })
  let next = 0
  while (next < 1000) await Promise.all(Array.from({ length: 250 }, () => create(store, next++)))
  const quietUntil = performance.now() + 2000
  const quiet = await readUntil(
    store,
    () => 1000,
    () => performance.now() > quietUntil,
  )
  const latencies: number[] = []
  const until = performance.now() + WRITE_SECONDS * 1000
  const over = () => performance.now() > until
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const first = next
  const reading = readUntil(store, () => first, over)
  const writing = Array.from({ length: CLIENTS }, async () => {
    while (!over()) {
      const startedAt = performance.now()
      await create(store, next++)
      latencies.push(performance.now() - startedAt)
    }
  })
  await Promise.all(writing)
  delays.disable()
  const busy = await reading
  show('creates a second, 32 clients, 5 ms a commit', latencies.length / WRITE_SECONDS, '/s')
  show('create p99', quantile(latencies, 0.99), 'ms')
  show('event-loop delay p99 beside them', delays.percentile(99) / 1e6, 'ms')
  show('GET p99 without writers', quantile(quiet, 0.99), 'ms')
  show('GET p99 with writers', quantile(busy, 0.99), 'ms')
}

async function benchLists(dir: string): Promise<void> {
  const keys = await openKeyRing(join(dir, 'keys'))
  await using store = await openSqliteStore({ path: join(dir, 'lists.db'), keys })
  for (let number = 0; number < STORED; number += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, i) => create(store, number + i)))
  }
  const measure = async (what: string, filter: Partial<ListFilter>, depth: number): Promise<void> => {
    const times: number[] = []
    let rows = 0
    for (let round = 0; round < 20; round++) {
      const startedAt = performance.now()
      rows = (await store.listWork(LOCAL, { tags: [], ...filter }, { size: 256, after: idOf(depth), kind: 'task' })).rows.length
      times.push(performance.now() - startedAt)
    }
    show(`${what}, behind ${depth} (${rows} rows)`, quantile(times, 0.5), `ms, p95 ${quantile(times, 0.95).toFixed(2)}`)
  }
  for (const depth of [STORED, STORED / 2, 1000]) {
    await measure('no filter', {}, depth)
    await measure('tag on 1 %', { tags: [['rare', '7']] }, depth)
    await measure('tag on half', { tags: [['even', 'yes']] }, depth)
    await measure('tag on 1 % and state of all', { tags: [['rare', '7']], state: 'QUEUED' }, depth)
    await measure('prefix on 1,111', { namePrefix: 'n-77' }, depth)
    await measure('prefix of all', { namePrefix: 'n' }, depth)
    await measure(
      'two tags on half each, never together',
      {
        tags: [
          ['even', 'yes'],
          ['odd', 'yes'],
        ],
      },
      depth,
    )
    await measure('one-letter prefix and a state that nobody has', { namePrefix: 'n', state: 'PAUSED' }, depth)
  }
  let listing = true
  const reading = readUntil(
    store,
    () => STORED,
    () => !listing,
  )
  for (let round = 0; round < 10; round++) {
    await store.listWork(
      LOCAL,
      {
        tags: [
          ['even', 'yes'],
          ['odd', 'yes'],
        ],
      },
      { size: 256, kind: 'task' },
    )
  }
  listing = false
  const gaps = await reading
  show('GET p99 beside the worst list', quantile(gaps, 0.99), 'ms')
}

const dir = await mkdtemp(join(tmpdir(), 'portolan-bench-store-'))
try {
  await benchWrites(dir)
  await benchLists(dir)
} finally {
  await rm(dir, { recursive: true, force: true })
}
