/**
 * `pnpm sim [--seeds N] [--seed S]`: plays federations in a bad hour, one afternoon per seed, and looks for what must never happen. The simulation
 * is that of `packages/federation/test/simulation.test.ts`; the test runs it too, with the usual seeds. Exit code 0 only if all held.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { readArguments, readWholeNumber, runCommand } from '../harness/command.ts'

const USAGE = `usage: pnpm sim [--seeds N] [--seed S]

Plays federations in a bad hour, without a network and by a clock of their own: sites that fall silent, lie and forget, brokers that crash.

  --seeds N   so many seeds, one afternoon each; default: 600, or 1 with --seed. 20000 take some minutes
  --seed S    the first seed; default: 1. A violation names its seed: --seed S plays it again
  --help      shows this`
const SEEDS = 600

const root = join(import.meta.dirname, '../..')

async function run(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { seeds: { type: 'string', value: 'N' }, seed: { type: 'string', value: 'S' } })
  const seed = readWholeNumber('seed', values.seed, 0, 1)
  const seeds = readWholeNumber('seeds', values.seeds, 1, values.seed === undefined ? SEEDS : 1)
  process.stdout.write(seeds === 1 ? `seed ${seed}\n` : `seeds ${seed} to ${seed + seeds - 1}\n`)
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', 'packages/federation/test/simulation.test.ts'], {
    cwd: root,
    env: { ...process.env, SEED: String(seed), SEEDS: String(seeds) },
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, 'exit')
  return code === 0 ? 0 : 1
}

await runCommand(USAGE, run)
