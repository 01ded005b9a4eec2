/**
 * `pnpm interop [NAME…]`: runs Portolan against the real outside world, row by row. `--list` says which rows there are.
 *
 * In CI every row of `expected.json` must run and pass. Elsewhere a row whose needs are missing is skipped and says how to get them, unless it was
 * named. Exit codes: 0 all is well, 1 a row failed or is missing, 2 it was called wrongly.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import * as z from 'zod'
import { readArguments, runCommand } from '../harness/command.ts'
import { type Row, type RowResult, runRow } from './row.ts'
import { ROWS } from './rows.ts'
import { formatResults, judge } from './verdict.ts'

const Expected = z.object({ rows: z.array(z.string()) })

const USAGE = `usage: pnpm interop [NAME]... [--list]

Runs Portolan against what your machine has beside Node. Without names all rows; where CI is not set, a row whose needs are missing is skipped
and says how to get them, unless it was named.

  --list  says which rows there are, what they show and what they need
  --help  shows this

rows: ${ROWS.map(({ name }) => name).join(', ')}`

async function run(args: readonly string[]): Promise<number> {
  const rows = { what: 'row', known: ROWS.map(({ name }) => name) }
  const { values, positionals } = readArguments(args, { list: { type: 'boolean' } }, rows)
  if (values.list) {
    for (const { name, shows, needs } of ROWS)
      console.log(`${name.padEnd(12)} ${shows}\n${''.padEnd(12)} needs ${needs.map(need => need.program).join(', ')}`)
    return 0
  }
  const named = ROWS.filter(({ name }) => positionals.includes(name))
  const results = await runRows(named.length > 0 ? named : ROWS)
  console.log(`\n${formatResults(results)}`)
  const problems = judge(results, { rows: named.length > 0 ? positionals : mustRun() })
  for (const problem of problems) console.log(`WRONG: ${problem}`)
  return problems.length === 0 ? 0 : 1
}

async function runRows(rows: readonly Row[]): Promise<readonly RowResult[]> {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)))
  const results: RowResult[] = []
  for (const row of rows) {
    if (interrupted.signal.aborted) break
    const startedAt = performance.now()
    const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`
    console.log(`\n== ${row.name}: ${row.shows}`)
    const result = await runRow(row, interrupted.signal, line => console.log(`${seconds()}  ${line}`))
    console.log(`${seconds()}  ${result.outcome}`)
    results.push(result)
  }
  return results
}

/** On a machine that is not CI's, what is not installed may be left out. */
function mustRun(): readonly string[] {
  return process.env.CI ? Expected.parse(JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8'))).rows : []
}

await runCommand(USAGE, run)
