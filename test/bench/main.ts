/**
 * `pnpm bench [--only ID]… [--json FILE] [--strict]`: measures what the project promises and says whether it holds. Rows are described in README.md.
 * `--only` takes the id of a row, or the beginning of several up to a hyphen. The exit code is 0 even where a bar does not hold, unless `--strict`.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import process from 'node:process'
import { Misused, readArguments, runCommand } from '../harness/command.ts'
import { benchFetch, FETCH_IDS } from './fetch.ts'
import { benchHttp } from './http.ts'
import { benchLists, LIST_IDS } from './lists.ts'
import { benchPlace } from './place.ts'
import type { BenchRow } from './row.ts'
import { benchStreams } from './streams.ts'
import { benchTokens } from './tokens.ts'
import { benchSubmit, benchTracking } from './tracking.ts'
import { benchDemo, benchMemory, benchStart } from './whole.ts'
import { benchWriters } from './writers.ts'

interface Bench {
  /** The rows that it makes. */
  readonly ids: readonly string[]
  readonly run: () => Promise<readonly BenchRow[]>
}

const BENCHES: readonly Bench[] = [
  { ids: ['get-minimal', 'get-full', 'post'], run: benchHttp },
  { ids: ['writers-loop-delay-p99', 'writers-creates', 'writers-create-p99', 'writers-get-p99', 'writers-get-p99-own'], run: benchWriters },
  { ids: ['place-50', 'place-5000'], run: benchPlace },
  { ids: ['token-check', 'token-limits', 'token-verify'], run: benchTokens },
  { ids: LIST_IDS, run: benchLists },
  { ids: ['submit-delay', 'submit-delay-p99'], run: benchSubmit },
  { ids: ['track-lag', 'track-lag-p99', 'track-requests', 'track-get-p99'], run: benchTracking },
  { ids: ['streams-loop-delay-p99', 'streams-lag-p99', 'streams-memory-mb'], run: benchStreams },
  { ids: FETCH_IDS, run: benchFetch },
  { ids: ['start-seconds'], run: benchStart },
  { ids: ['memory-mb'], run: benchMemory },
  { ids: ['demo-seconds'], run: benchDemo },
]

const IDS = BENCHES.flatMap(({ ids }) => ids)

const USAGE = `usage: pnpm bench [--only ID]... [--json FILE] [--strict]

Measures what is promised about speed and says whether it holds. Without --only all rows; it takes some minutes, and wants a calm machine.

  --only ID    this row, or all that begin with ID and a hyphen; may be given more than once
  --json FILE  writes the rows as JSON, too
  --strict     exit code 1 if a bar does not hold; without it 0
  --help       shows this

rows: ${IDS.join(', ')}
What they measure: test/bench/README.md`

function readFlags(args: readonly string[]) {
  const { values } = readArguments(args, {
    only: { type: 'string', multiple: true, value: 'ID' },
    json: { type: 'string', value: 'FILE' },
    strict: { type: 'boolean' },
  })
  const { only = [], json, strict = false } = values
  const unknown = only.find(asked => !IDS.some(id => isAsked(id, [asked])))
  if (unknown !== undefined) throw new Misused(`--only ${unknown}: there is no such row; write one of ${IDS.join(', ')}`)
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

async function run(args: readonly string[]): Promise<number> {
  const { only, json, strict } = readFlags(args)
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

await runCommand(USAGE, run)
