/**
 * `pnpm leaks NAME`: runs the demo, the faults or the interop as it stands, and then searches what its brokers and sites have said, and what was
 * removed of their stores and logs, as is done around the tests. The exit code is that of the command, or 1 if a secret was found.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Misused, runCommand } from '../harness/command.ts'
import { sayFindings, saySearched } from './remains.ts'
import { makeRunFolder, WATCH_PROGRAM } from './run-folder.ts'

const PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['demo', 'demo/src/main.ts'],
  ['faults', 'test/faults/main.ts'],
  ['interop', 'test/interop/main.ts'],
])
const NAMES = [...PROGRAMS.keys()].join(', ')

const USAGE = `usage: pnpm leaks NAME [ARGUMENT]...

Runs pnpm NAME with the arguments, and then searches what its brokers and sites have said and left behind for secrets.

  NAME    ${NAMES}
  --help  shows this`

async function run([name = '', ...args]: readonly string[]): Promise<number> {
  const program = PROGRAMS.get(name)
  if (name === '') throw new Misused(`NAME is missing: name one of ${NAMES}`)
  if (program === undefined) throw new Misused(`${name}: there is nothing of this name to search; name one of ${NAMES}`)
  const folder = makeRunFolder()
  const code = await runProgram(program, args, folder.environment)
  const { findings, searched } = folder.search()
  process.stdout.write(`\n${saySearched(searched)}\n`)
  if (findings.length === 0) return code
  process.stderr.write(`${sayFindings(findings)}\n`)
  return 1
}

/** Answers its exit code. A signal to end is handed on, and what the program leaves is searched all the same. */
async function runProgram(program: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../../${program}`, import.meta.url)), ...args], {
    env: { ...process.env, ...environment, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${WATCH_PROGRAM}`.trim() },
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const [code]: unknown[] = await once(child, 'close')
  return typeof code === 'number' ? code : 1
}

await runCommand(USAGE, run)
