import { describe, expect, it } from 'vitest'
import type { RowResult } from './row.ts'
import { formatResults, judge } from './verdict.ts'

const row = (name: string, outcome: RowResult['outcome'], detail = ''): RowResult => ({ name, outcome, seconds: 1.25, detail })

describe('the verdict on a run', () => {
  const rows: readonly (readonly [
    title: string,
    results: readonly RowResult[],
    expected: readonly string[],
    problems: readonly string[],
  ])[] = [
    ['all expected rows passed', [row('a', 'passed'), row('b', 'passed')], ['a', 'b'], []],
    ['a failed row is wrong, expected or not', [row('a', 'failed', 'why')], [], ['a failed']],
    ['a failed row that was expected is said once', [row('a', 'failed', 'why')], ['a'], ['a failed']],
    ['a skipped row that was expected is wrong', [row('a', 'skipped', 'no x')], ['a'], ['a must run, and was skipped: no x']],
    ['a skipped row that nobody expected is fine', [row('a', 'skipped', 'no x')], [], []],
    ['an expected row that did not run is wrong', [row('a', 'passed')], ['a', 'b'], ['b must run, and did not']],
  ]
  for (const [title, results, expected, problems] of rows) {
    it(title, () => expect(judge(results, { rows: expected })).toEqual(problems))
  }

  it('is shown as a table', () => {
    expect(formatResults([row('one', 'passed'), row('three', 'failed', 'why\nand why')])).toBe(
      ['passed   one       1.3 s', 'failed   three     1.3 s  why', '                          and why'].join('\n'),
    )
  })
})
