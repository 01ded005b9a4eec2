/**
 * `pnpm interop [NAME…]`: runs Portolan against the real outside world, row by row. `--list` says which rows there are.
 *
 * In CI every row of `expected.json` must run and pass. Elsewhere a row whose needs are missing is skipped and says how to get them, unless it was
 * named. Exit codes: 0 all is well, 1 a row failed or is missing, 2 no such row.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { type Row, type RowResult, runRow } from './row.ts'
import { ROWS } from './rows.ts'
import { formatResults, judge } from './verdict.ts'

const Expected = z.object({ rows: z.array(z.string()) })

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { list: { type: 'boolean' } }, allowPositionals: true })
  const unknown = positionals.filter(name => !ROWS.some(row => row.name === name))
  if (values.list || unknown.length > 0) {
    for (const name of unknown) console.error(`there is no row ${name}`)
    for (const { name, shows, needs } of ROWS)
      console.log(`${name.padEnd(12)} ${shows}\n${''.padEnd(12)} needs ${needs.map(need => need.program).join(', ')}`)
    return unknown.length > 0 ? 2 : 0
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

process.exitCode = await main()
