/**
 * Goes before every test file: watches what its brokers leave, and fails the file if a secret is in it. Folders are searched before they are removed,
 * answers as they are sent, whoever the test is: none has to think of it.
 */
import { appendFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { afterAll, expect, vi } from 'vitest'
import { keepFolder } from './keep-folder.ts'
import { linkNeedles, needlesOf, tokenNeedles } from './needles.ts'
import { keep, sayFindings, watchRemains } from './remains.ts'
import { WATCH_PROGRAM } from './run-folder.ts'
import { MARKER, markedRandom } from './secrets.ts'
import { SEARCHED_VARIABLE } from './vitest-run.ts'
import { watchAnswers } from './watch-answers.ts'
import { watchRemovals } from './watch-removals.ts'
import { watchWords } from './watch-words.ts'

/** The tests of the search plant markers of their own, and links, which have none. */
const plantsLinks = dirname(expect.getState().testPath ?? '') === import.meta.dirname
const watch = watchRemains([...needlesOf(MARKER), ...tokenNeedles(), ...(plantsLinks ? [] : linkNeedles())])

/** The test that is running. */
const current = (): string => `"${expect.getState().currentTestName ?? 'the preparation of a file'}"`

// What a broker in this process makes by chance carries the marker: states, nonces, verifiers.
vi.mock('../../apps/broker/src/auth/tokens/random-source.ts', () => ({ secureRandom: markedRandom }))

watchRemovals(path => keepFolder(path, current()))
// A broker and a site are known by the id that they give each request; a broker also by what it says to caches. A site tells the broker of the very
// links that it was given.
watchAnswers(
  answer => answer.hasHeader('x-request-id'),
  (place, bytes, answer) => {
    if (place !== 'answer' || answer.hasHeader('cache-control')) keep(place, current(), bytes)
  },
)
// A broker in this process that was given no place for its log writes here.
watchWords(words => keep('log', current(), Buffer.from(words as Uint8Array)))
watchPrograms()

afterAll(() => {
  const findings = watch.findings()
  const report = process.env[SEARCHED_VARIABLE]
  if (report !== undefined) appendFileSync(report, `${JSON.stringify(watch.searched())}\n`)
  if (findings.length > 0) throw new Error(sayFindings(findings))
})

/** What a test starts is watched too. */
function watchPrograms(): void {
  const { NODE_OPTIONS: options = '' } = process.env
  if (!options.includes(WATCH_PROGRAM)) process.env.NODE_OPTIONS = `${options} ${WATCH_PROGRAM}`.trim()
}
