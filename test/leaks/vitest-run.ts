/**
 * Goes around a whole run of tests: makes its marker and its folder, where all temporary things go too, and at the end searches what nobody has removed and what
 * programs have said, and says how much was searched. What is found fails the run.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { addSearched, type Searched, sayFindings, saySearched } from './remains.ts'
import { makeRunFolder, type RunFolder } from './run-folder.ts'

/** Names the file where each test file notes how much it has searched. */
export const SEARCHED_VARIABLE = 'PORTOLAN_TEST_SEARCHED'

let run: RunFolder | undefined

export function setup(): void {
  run = makeRunFolder()
  Object.assign(process.env, run.environment, { TMPDIR: run.path, [SEARCHED_VARIABLE]: reportOf(run) })
}

export function teardown(): void {
  if (run === undefined) return
  const byTests = readReport(reportOf(run))
  const { findings, searched } = run.search()
  process.stdout.write(`\n${saySearched(addSearched([...byTests, searched]))}\n`)
  if (findings.length === 0) return
  process.stderr.write(`${sayFindings(findings)}\n`)
  process.exitCode = 1
}

const reportOf = ({ path }: RunFolder): string => join(path, 'searched')

function readReport(path: string): readonly Searched[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
    return lines.map((line): Searched => JSON.parse(line))
  } catch {
    // No test file came to its end.
    return []
  }
}
