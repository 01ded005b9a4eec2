/**
 * Goes around a whole run of tests: makes its marker and its folder for temporary things, and at the end searches what nobody has removed, and says
 * how much was searched. What is found fails the run.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { keepFolder } from './keep-folder.ts'
import { needlesOf, tokenNeedles } from './needles.ts'
import { describeFinding, PLACES, type Place, watchRemains } from './remains.ts'
import { MARKER_VARIABLE, makeMarker } from './secrets.ts'

/** Names the file where each test file notes how much it has searched. */
export const SEARCHED_VARIABLE = 'PORTOLAN_TEST_SEARCHED'

const MIB = 1024 * 1024

let left: { readonly folder: string; readonly marker: string; readonly report: string } | undefined

export function setup(): void {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-test-'))
  left = { folder, marker: makeMarker(), report: join(folder, 'searched') }
  Object.assign(process.env, { [MARKER_VARIABLE]: left.marker, [SEARCHED_VARIABLE]: left.report, TMPDIR: folder })
}

export function teardown(): void {
  if (left === undefined) return
  const { folder, marker, report } = left
  const watch = watchRemains([...needlesOf(marker), ...tokenNeedles()])
  keepFolder(folder, 'what was left behind')
  const findings = watch.findings()
  const sums = readSums(report)
  process.stdout.write(`\nsearched for secrets: ${PLACES.map(place => `${(sums[place] / MIB).toFixed(1)} MiB of ${place}`).join(', ')}\n`)
  rmSync(folder, { recursive: true, force: true })
  if (findings.length === 0) return
  process.stderr.write(`Secrets were left behind:\n${findings.map(describeFinding).join('\n')}\n`)
  process.exitCode = 1
}

function readSums(report: string): Record<Place, number> {
  const sums = Object.fromEntries(PLACES.map(place => [place, 0])) as Record<Place, number>
  for (const line of readLines(report)) for (const place of PLACES) sums[place] += Number(JSON.parse(line)[place])
  return sums
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch {
    // No test file came to its end.
    return []
  }
}
