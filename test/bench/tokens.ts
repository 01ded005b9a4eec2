/**
 * What a credential costs, in a process of its own each round. What is measured is said in the program.
 */
import { runProgram } from './program.ts'
import { type BenchRow, makeRow } from './row.ts'

const PROGRAM = 'apps/broker/test/bench/token-check.ts'
const ROUNDS = 5
const TIMEOUT_MS = 60_000

interface Measured {
  readonly accessUs: number
  readonly personalUs: number
  readonly limitsUs: number
  readonly verifyUs: number
}

export async function benchTokens(): Promise<BenchRow[]> {
  const rounds: Measured[] = []
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(JSON.parse((await runProgram(PROGRAM, TIMEOUT_MS)).output))
  const row = (id: string, bar: number | null, take: (measured: Measured) => number) =>
    makeRow({ id, unit: 'µs', bar, good: 'below', samples: rounds.map(take) })
  return [
    row('token-check', 50, ({ accessUs, personalUs }) => Math.max(accessUs, personalUs)),
    row('token-limits', null, ({ limitsUs }) => limitsUs),
    row('token-verify', null, ({ verifyUs }) => verifyUs),
  ]
}
