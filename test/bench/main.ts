/**
 * `pnpm bench [--only ID]… [--json FILE] [--strict]`: measures what the project promises and says whether it holds. Rows are described in README.md.
 * `--only` takes the id of a row, or the beginning of several up to a hyphen. The exit code is 0 even where a bar does not hold, unless `--strict`.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { benchHttp } from './http.ts'
import { benchLists, LIST_IDS } from './lists.ts'
import { benchPlace } from './place.ts'
import type { BenchRow } from './row.ts'
import { benchDemo, benchMemory, benchStart } from './whole.ts'
import { benchWriters } from './writers.ts'

interface Bench {
  /** The rows that it makes. */
  readonly ids: readonly string[]
  readonly run: () => Promise<readonly BenchRow[]>
}

const BENCHES: readonly Bench[] = [
  { ids: ['get-minimal', 'get-full', 'post'], run: benchHttp },
  { ids: ['writers-loop-delay-p99', 'writers-creates', 'writers-create-p99', 'writers-get-p99'], run: benchWriters },
  { ids: ['place-50', 'place-5000'], run: benchPlace },
  { ids: LIST_IDS, run: benchLists },
  { ids: ['start-seconds'], run: benchStart },
  { ids: ['memory-mb'], run: benchMemory },
  { ids: ['demo-seconds'], run: benchDemo },
]

function readFlags() {
  const { values } = parseArgs({
    options: { only: { type: 'string', multiple: true }, json: { type: 'string' }, strict: { type: 'boolean' } },
  })
  const { only = [], json, strict = false } = values
  const unknown = only.find(asked => !BENCHES.some(({ ids }) => ids.some(id => isAsked(id, [asked]))))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: no such row; there are ${BENCHES.flatMap(({ ids }) => ids).join(', ')}`)
  return { only, json, strict }
}

function isAsked(id: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some(asked => id === asked || id.startsWith(`${asked}-`))
}

function formatRow({ id, value, unit, against, ratio, bar, holds }: BenchRow): string {
  const peer = against === null ? '' : ` of ${against}: ${ratio}`
  const verdict = bar === null ? '' : holds ? `bar ${bar}: holds` : `bar ${bar}: DOES NOT HOLD`
  return `${id.padEnd(32)} ${`${value} ${unit}${peer}`.padEnd(44)} ${verdict}`
}

async function run(): Promise<number> {
  const { only, json, strict } = readFlags()
  const load = () =>
    loadavg()
      .map(average => average.toFixed(1))
      .join(' ')
  console.log(`Node ${process.version}, ${availableParallelism()} cores, load ${load()}\n`)
  const rows: BenchRow[] = []
  for (const bench of BENCHES) {
    if (!bench.ids.some(id => isAsked(id, only))) continue
    for (const row of await bench.run()) {
      if (!isAsked(row.id, only)) continue
      rows.push(row)
      console.log(formatRow(row))
    }
  }
  const failed = rows.filter(row => !row.holds).length
  console.log(`\n${rows.length - failed} of ${rows.length} hold; load ${load()}`)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`)
  return strict && failed > 0 ? 1 : 0
}

try {
  process.exitCode = await run()
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error)
  process.exitCode = 2
}
