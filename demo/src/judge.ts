/**
 * Compares what happened with what the demo calculated by itself: the table, the results, and the movements of data.
 */
import type { Decision } from '@portolan/federation'
import type { Deal } from './deal.ts'
import { candidates, type Sizes } from './expect.ts'
import { findBreaches, type Movement, type Reading, sumMovements } from './proof.ts'
import { countBases, matchReads, readQuality } from './recompute.ts'
import type { DemoTask } from './tasks.ts'
import { type FileName, RESIDENT, SITE_FACTS, type SiteName } from './world.ts'

/** The sites that a task must have been tried at, in order. */
export function expectedSites(task: DemoTask, deal: Deal, sizes: Sizes, victim: SiteName): readonly SiteName[] {
  const first = candidates(task, deal, sizes)[0]?.site
  if (!first) return []
  const second = task.rerunnable && first === victim ? candidates(task, deal, sizes, [victim])[0]?.site : undefined
  return second ? [first, second] : [first]
}

/** What the task's result must be, recomputed from the same files. */
export function expectedResult(task: DemoTask, read: (file: FileName) => string): string {
  const [first = '', second = ''] = task.files.map(read)
  switch (task.tool) {
    case 'count-bases':
      return countBases(first)
    case 'read-quality':
      return readQuality(first)
    case 'match-reads':
      return matchReads(first, second)
  }
}

/** What must have moved, by the demo's own calculation: every try of a task reads its files where they are not. */
export function expectedMovements(tasks: readonly DemoTask[], deal: Deal, sizes: Sizes, victim: SiteName): Movement {
  const readings = tasks.flatMap(task =>
    expectedSites(task, deal, sizes, victim).flatMap(reader =>
      task.files.map((file): Reading => ({ reader, holder: deal[file], file, bytes: sizes[file] })),
    ),
  )
  return sumMovements(readings)
}

/** Everything in which the logs differ from the calculation; empty if nothing does. */
export function judgeMovements(readings: readonly Reading[], expected: Movement): readonly string[] {
  const seen = sumMovements(readings)
  return [
    ...findBreaches(readings),
    ...[...expected.files].filter(file => !seen.files.has(file)).map(file => `${file} should have been read and was not`),
    ...[...seen.files].filter(file => !expected.files.has(file)).map(file => `${file} was read and should not have been`),
    ...(seen.bytes === expected.bytes ? [] : [`${seen.bytes} bytes moved, and ${expected.bytes} should have`]),
    ...(seen.borderBytes === expected.borderBytes
      ? []
      : [`${seen.borderBytes} bytes crossed a border, and ${expected.borderBytes} should have`]),
  ]
}

/** The broker counts so much for each file that moves, and rounds up. */
const FILE_MS = 100
const ROUNDING_MS = 2

/** Where the broker's figures and reasons differ from the demo's own sum: bytes exactly, time to the rounding; empty if nowhere. */
export function judgeFigures(task: DemoTask, decision: Decision, deal: Deal, sizes: Sizes): readonly string[] {
  const own = candidates(task, deal, sizes)
  const failures = decision.sites.flatMap(({ id, terms }) => {
    if (!terms) return []
    const sum = own.find(({ site }) => site === id)
    if (!sum) return [`${task.name} may run at ${id}, the broker says; by the demo's sum it may not`]
    const ms = sum.seconds * 1000 + task.files.filter(file => deal[file] !== sum.site).length * FILE_MS
    const said = `${task.name} at ${id}: the broker counts ${terms.bytesToMove} bytes in ${terms.transferMs} ms`
    const isSame = terms.bytesToMove === sum.bytes && Math.abs(terms.transferMs - ms) <= ROUNDING_MS
    return isSame ? [] : [`${said}; the demo ${sum.bytes} bytes in ${Math.round(ms)} ms`]
  })
  const bound = task.files.includes(RESIDENT) ? SITE_FACTS[deal[RESIDENT]].country : undefined
  const loose = decision.sites.filter(
    ({ id, reasons }) => bound && countryOf(id) !== bound && !reasons.some(({ code }) => code === 'RESIDENCY'),
  )
  return [...failures, ...loose.map(({ id }) => `${task.name}: ${id} lies in another country and is not barred by RESIDENCY`)]
}

function countryOf(id: string): string | undefined {
  return Object.entries(SITE_FACTS).find(([site]) => site === id)?.[1].country
}
