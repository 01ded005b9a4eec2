/**
 * `place()` over 50 and 5,000 sites, in a process of its own each round. What is measured is said in the program.
 */
import { runProgram } from './program.ts'
import { type BenchRow, makeRow } from './row.ts'

const PROGRAM = 'packages/federation/test/bench/place.ts'
const ROUNDS = 5
const TIMEOUT_MS = 120_000

export async function benchPlace(): Promise<BenchRow[]> {
  const few: number[] = []
  const many: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const { output } = await runProgram(PROGRAM, TIMEOUT_MS)
    const measured: { sites: number; medianUs: number }[] = output
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    for (const { sites, medianUs } of measured) {
      if (sites === 50) few.push(medianUs)
      else many.push(medianUs / 1_000)
    }
  }
  return [
    makeRow({ id: 'place-50', unit: 'µs', bar: 100, good: 'below', samples: few }),
    makeRow({ id: 'place-5000', unit: 'ms', bar: 12, good: 'below', samples: many }),
  ]
}
