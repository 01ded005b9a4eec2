/**
 * What the results of all rows mean for the exit code. Pure.
 */
import type { RowResult } from './row.ts'

export interface Expectation {
  /** Rows that must have passed. */
  readonly rows: readonly string[]
}

/** Everything that is wrong; empty if all is well. A skipped row is a failure only where it was expected. */
export function judge(results: readonly RowResult[], expected: Expectation): readonly string[] {
  const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => `${name} failed`)
  const absent = expected.rows.flatMap(name => {
    const result = results.find(row => row.name === name)
    if (!result) return [`${name} must run, and did not`]
    return result.outcome === 'skipped' ? [`${name} must run, and was skipped: ${result.detail}`] : []
  })
  return [...failed, ...absent]
}

export function formatResults(results: readonly RowResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length))
  const indent = `\n${' '.repeat(width + 21)}`
  return results
    .map(({ name, outcome, seconds, detail }) => [outcome.padEnd(7), name.padEnd(width), `${seconds.toFixed(1).padStart(6)} s`, detail])
    .map(cells => cells.join('  ').trimEnd().replaceAll('\n', indent))
    .join('\n')
}
