/**
 * Lists in a store of 100,000 tasks, each walked over HTTP from its first page to its last; then the two worst mixes of conditions, with polls
 * beside them.
 */
import type { BrokerReport } from './broker-server.ts'
import { type Child, startChild } from './child.ts'
import { applyLoad, readBody } from './load.ts'
import { type BenchRow, makeRow, median, quantile } from './row.ts'
import { getRequest } from './task.ts'

const STORED = 100_000
const PAGE_SIZE = 256
/** A walk is cut into so many depths; each has its median. */
const DEPTHS = 5
/** Short walks are repeated until each depth has about this many pages. */
const PAGES_A_DEPTH = 8
const ROUNDS = 5
const ROUND_MS = 2_000
const POLLERS = 4
const POLL_PAUSE_MS = 5

/** What each finds is said in `labelsOf` of `bench-store.ts`. */
const LISTS: readonly (readonly [id: string, query: string, finds: number])[] = [
  ['list-all', '', 100_000],
  ['list-state-of-all', '&state=QUEUED', 100_000],
  ['list-tag-on-half', '&tag_key=even&tag_value=yes', 50_000],
  ['list-tag-on-5000', '&tag_key=twentieth&tag_value=7', 5_000],
  ['list-tag-on-5000-and-more', '&tag_key=odd&tag_value=yes&tag_key=twentieth&tag_value=7&state=QUEUED&name_prefix=h', 5_000],
  ['list-prefix-on-620', '&name_prefix=h7-7', 620],
  ['list-prefix-of-all', '&name_prefix=h', 100_000],
  ['list-prefix-on-18th', '&name_prefix=h7-', 5_556],
  ['list-prefix-on-18th-and-state', '&name_prefix=h7-&state=QUEUED', 5_556],
]

/** Each reads the whole of one index for nothing, or is seen to be empty. */
const WORST: readonly (readonly [id: string, query: string])[] = [
  ['list-worst-tags', '&tag_key=even&tag_value=yes&tag_key=odd&tag_value=yes'],
  ['list-worst-prefix', '&name_prefix=h&state=PAUSED'],
]

/** The rows that `benchLists` makes. */
export const LIST_IDS = [...LISTS.map(([id]) => id), ...WORST.flatMap(([id]) => [id, `${id}-get-p99`])]

export async function benchLists(): Promise<BenchRow[]> {
  await using broker = await startChild<BrokerReport>('./broker-server.ts', { stored: STORED })
  const rows: BenchRow[] = []
  for (const [id, query, finds] of LISTS) {
    const samples = await measureDepths(broker.port, query, finds)
    const worst = Math.max(...samples)
    rows.push({
      ...makeRow({ id, unit: 'ms', bar: 10, good: 'below', samples: [worst] }),
      samples: samples.map(ms => Number(ms.toPrecision(3))),
    })
  }
  for (const [id, query] of WORST) rows.push(...(await measureWorst(broker, id, query)))
  return rows
}

/** The median page of each depth, first pages first. Throws if a walk does not find each task once. */
async function measureDepths(port: number, query: string, finds: number): Promise<number[]> {
  const pages = Math.ceil(finds / PAGE_SIZE)
  const times: number[][] = Array.from({ length: Math.min(DEPTHS, pages) }, () => [])
  const rounds = Math.max(1, Math.ceil((PAGES_A_DEPTH * times.length) / pages))
  for (let round = 0; round < rounds; round += 1) {
    const found = new Set<string>()
    let token: string | undefined
    let page = 0
    do {
      const from = token === undefined ? '' : `&page_token=${encodeURIComponent(token)}`
      const begunAt = performance.now()
      const body = await readBody(port, getRequest(`?page_size=${PAGE_SIZE}${query}${from}`))
      times[Math.floor((page * times.length) / pages)]?.push(performance.now() - begunAt)
      const answer: { tasks: { id: string }[]; next_page_token?: string } = JSON.parse(body)
      for (const { id } of answer.tasks) found.add(id)
      token = answer.next_page_token
      page += 1
    } while (token !== undefined)
    if (found.size !== finds) throw new Error(`the list ${query} found ${found.size} tasks, not ${finds}`)
  }
  return times.map(median)
}

/** One client asks for the list again and again, and others poll. */
async function measureWorst({ port }: Child<BrokerReport>, id: string, query: string): Promise<BenchRow[]> {
  const pages: number[] = []
  const polls: number[] = []
  const poll = () => `/L${String(Math.floor(Math.random() * STORED)).padStart(25, '0')}`
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [list, gets] = await Promise.all([
      applyLoad({ port, connections: 1, ms: ROUND_MS, next: () => getRequest(`?page_size=${PAGE_SIZE}${query}`) }),
      applyLoad({ port, connections: POLLERS, ms: ROUND_MS, pauseMs: POLL_PAUSE_MS, next: () => getRequest(poll()) }),
    ])
    if (round === 0) continue
    pages.push(quantile(list.latencies, 0.5))
    polls.push(quantile(gets.latencies, 0.99))
  }
  return [
    makeRow({ id, unit: 'ms', bar: null, good: 'below', samples: pages }),
    makeRow({ id: `${id}-get-p99`, unit: 'ms', bar: 10, good: 'below', samples: polls }),
  ]
}
