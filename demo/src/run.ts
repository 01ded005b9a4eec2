/**
 * The demo from start to end: introduces, performs, judges, and tells. Everything that is claimed is checked by code of the demo's own.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Federation } from './federation.ts'
import { judge } from './judge.ts'
import { perform } from './perform.ts'
import { writeScript } from './script.ts'
import { createSteps, hang, say } from './show.ts'
import { chooseStorage, sayStorage } from './storage.ts'
import { introduce, tellPeople, tellResults, tellTasks, tellTraffic } from './tell.ts'

/** The demo never hangs: what has not come to its end by then has failed. */
const DEADLINE_MS = 180_000

export interface DemoOptions {
  /** Deals the files anew; any text. */
  readonly seed: string | undefined
  /** True: everything is left running until it is told to stop. */
  readonly keep: boolean
  readonly runner: string
  readonly siteFlags: readonly string[]
}

/** Answers the exit code: 0 only if all went as said. `stop` ends it early: its reason says why. Rejects if it does not come to its end. */
export async function runDemo({ seed, keep, runner, siteFlags }: DemoOptions, stop: AbortController): Promise<number> {
  const startedAt = Date.now()
  const deadline = setTimeout(() => stop.abort(new Error(`The demo did not come to its end within ${DEADLINE_MS / 1000} s.`)), DEADLINE_MS)
  const storage = chooseStorage(process.env)
  say(sayStorage(storage))
  const script = writeScript(seed)
  introduce(script, seed)

  const root = mkdtempSync(join(tmpdir(), 'portolan-demo-'))
  let failures: readonly string[] = ['the demo did not come to its end']
  try {
    const step = createSteps(startedAt)
    const code = await perform({ script, root, storage, runner, siteFlags, step, stop }, async (evidence, federation) => {
      clearTimeout(deadline)
      failures = judge(script, evidence)
      tellTasks(script, evidence)
      tellResults(script, evidence)
      tellPeople(script, evidence)
      tellTraffic(script, evidence)
      report(failures, startedAt)
      if (keep) await stay(federation, root, stop.signal)
    })
    if (code !== 0) {
      failures = [...failures, `the broker ended with exit code ${code}`]
      say(hang('NOT AS SAID: ', `the broker ended with exit code ${code}`))
    }
  } finally {
    clearTimeout(deadline)
    if (failures.length === 0) rmSync(root, { recursive: true, force: true })
    else say(`\n  What the sites and the broker said is in ${root}`)
  }
  return failures.length === 0 ? 0 : 1
}

function report(failures: readonly string[], startedAt: number): void {
  for (const failure of failures) say(hang('NOT AS SAID: ', failure))
  const verdict =
    failures.length === 0
      ? "All went as said: sites, states, results, reasons, who sees what and every byte that moved agree with the demo's own calculation."
      : `${failures.length} things did not go as said.`
  say(`  ${verdict}\n  ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

async function stay({ brokerUrl }: Federation, root: string, signal: AbortSignal): Promise<void> {
  say('\n  Everything is still running; Ctrl-C ends it and removes its files. For instance:')
  say(`    in a browser: ${brokerUrl}/app, and be alice, bob or carol at the login: it asks for no password`)
  say(`    npx --yes pnpm@12 portolan login --url ${brokerUrl}     shows a code, and where to confirm it`)
  say(`    npx --yes pnpm@12 portolan list --url ${brokerUrl}`)
  say(`    npx --yes pnpm@12 portolan explain ID --url ${brokerUrl}`)
  say(`    npx --yes pnpm@12 portolan outputs get ID --to results --url ${brokerUrl}`)
  say(`    npx --yes pnpm@12 portolan token create engine --url ${brokerUrl}     shows a personal token, for instance for`)
  say(`    curl --user alice:TOKEN '${brokerUrl}/ga4gh/tes/v1/tasks?view=FULL&page_size=1'`)
  say(`    the operators' files that this broker reads: ${join(root, 'broker')}`)
  if (!signal.aborted) await once(signal, 'abort')
}
