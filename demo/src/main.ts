/**
 * `pnpm demo`: the main job, start to end. Three sites and a broker start as processes of their own, real tasks on real sequence data are
 * submitted to the one endpoint, one site is killed on the way, and everything that is claimed is checked by code of the demo's own.
 * Exit code 0 only if all went as said. `DEMO_SHUFFLE=SEED` deals the files anew; `--keep` leaves everything running until Ctrl-C.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { TesTask } from '@portolan/tes'
import { createTesClient } from '@portolan/tes/client'
import { type Deal, dealFiles } from './deal.ts'
import type { Sizes } from './expect.ts'
import { type Federation, readData, startFederation } from './federation.ts'
import { expectedMovements, expectedResult, expectedSites, judgeFigures, judgeMovements } from './judge.ts'
import { play } from './play.ts'
import { readAccessLogs } from './proof.ts'
import { dataUrl, fileSizes } from './setup.ts'
import { createSteps, formatTable, hang, say } from './show.ts'
import { type DemoTask, demoTasks, IMAGE, resultHolder, toDocument } from './tasks.ts'
import { explainTask, introduce, shortWhy, showMovements } from './tell.ts'
import { type Watch, watchTasks } from './watch.ts'
import type { SiteName } from './world.ts'

const USAGE = 'usage: pnpm demo [--keep] [--runner auto|podman|docker|bwrap|process] [--site-flag FLAG …]'
/** The demo never hangs: what has not come to its end by then has failed. */
const DEADLINE_MS = 180_000
/** The better linked of the two sites that are large enough for the rerunnable task: the plug is pulled there. */
const VICTIM: SiteName = 'charite'

interface Flags {
  readonly keep?: boolean | undefined
  readonly runner?: string | undefined
  readonly 'site-flag'?: string[] | undefined
}

interface Scene {
  readonly deal: Deal
  readonly sizes: Sizes
  readonly tasks: readonly DemoTask[]
  readonly federation: Federation
  readonly watch: Watch
  /** Where the broker said each task would go, before it was submitted. */
  readonly previews: ReadonlyMap<string, string>
}

/** Answers the exit code. `stop` ends it early: its reason says why. */
async function run(flags: Flags, stop: AbortController): Promise<number> {
  const startedAt = Date.now()
  const { signal } = stop
  const deadline = setTimeout(() => stop.abort(new Error(`The demo did not come to its end within ${DEADLINE_MS / 1000} s.`)), DEADLINE_MS)
  const seed = process.env.DEMO_SHUFFLE
  const deal = dealFiles(seed)
  const sizes = fileSizes()
  const tasks = demoTasks(deal, VICTIM)
  introduce(deal, sizes, tasks, seed)

  const root = mkdtempSync(join(tmpdir(), 'portolan-demo-'))
  let failures: readonly string[] = ['the demo did not come to its end']
  try {
    const siteFlags = flags['site-flag'] ?? []
    const onLost = (error: Error): void => stop.abort(error)
    const federation = await startFederation({ root, deal, runner: flags.runner ?? 'process', siteFlags, onLost })
    try {
      const step = createSteps(startedAt)
      const url = `${federation.brokerUrl}/ga4gh/tes/v1`
      step(`three sites and the broker are up; the one endpoint for all is ${url}`)
      const client = createTesClient({ url })
      const watch = watchTasks(client, federation.brokerUrl, step, signal)
      const document = (task: DemoTask): TesTask => toDocument(task, deal, site => dataUrl(federation.layout, site), IMAGE)
      const previews = new Map<string, string>()
      await play({
        ...{ tasks, watch, federation, victim: VICTIM, step },
        async preview(task) {
          const site = (await watch.preview(document(task))).chosen ?? 'no site'
          previews.set(task.name, site)
          return site
        },
        submit: async task => (await client.createTask(document(task), { signal })).id,
        cancel: id => client.cancelTask(id, { signal }),
      })
      failures = await judge({ deal, sizes, tasks, federation, watch, previews })
      report(failures, startedAt)
      clearTimeout(deadline)
      if (flags.keep) await keep(federation, root, signal)
    } finally {
      const code = await federation.end()
      if (code !== 0) failures = [...failures, `the broker ended with exit code ${code}`]
    }
  } finally {
    clearTimeout(deadline)
    if (failures.length === 0) rmSync(root, { recursive: true, force: true })
    else say(`\n  What the sites and the broker said is in ${root}`)
  }
  return failures.length === 0 ? 0 : 1
}

/** Tells of every task, and answers everything that is not as calculated. */
async function judge({ tasks, deal, sizes, watch, federation, previews }: Scene): Promise<readonly string[]> {
  const rows: string[][] = []
  const failures: string[] = []
  say(
    "\n  Why there? What the broker says (GET /portolan/v1/tasks/ID/placement), which counts 0.1 s a file, and the demo's own sum of bytes and links.",
  )
  for (const task of tasks) {
    const seen = watch.tasks.get(task.name)
    const decision = await watch.decision(task.name)
    const sites = seen?.attempts.map(({ site }) => site) ?? []
    const wanted = expectedSites(task, deal, sizes, VICTIM)
    if (sites.join() !== wanted.join())
      failures.push(`${task.name} ran at ${sites.join(', ') || 'no site'}; calculated: ${wanted.join(', ') || 'no site'}`)
    const before = previews.get(task.name)
    if (before !== (wanted[0] ?? 'no site'))
      failures.push(`${task.name} would have gone to ${before}, it was said; calculated: ${wanted[0] ?? 'no site'}`)
    const state = { complete: 'COMPLETE', refused: 'SYSTEM_ERROR', cancelled: 'CANCELED' }[task.fate]
    if (seen?.state !== state) failures.push(`${task.name} ended ${seen?.state}; it should have ended ${state}`)
    if (task.fate === 'refused' && decision.sites.some(({ reasons }) => reasons.length === 0))
      failures.push(`${task.name} was refused by a site without a reason`)
    failures.push(...judgeFigures(task, decision, deal, sizes))
    const result = await fetchResult(federation, task, deal)
    if (result !== undefined && result !== expectedResult(task, readData))
      failures.push(`${task.name}: the result is not what the same files give when computed again`)
    const seconds = seen?.endedAt === undefined ? '' : `${((seen.endedAt - seen.submittedAt) / 1000).toFixed(1)} s`
    rows.push([task.name, sites.join(' -> ') || 'none', shortWhy(task, decision), seen?.state ?? '', seconds, firstLines(result)])
    explainTask(task, decision, deal, sizes)
  }
  say(`\n${formatTable(['task', 'site', 'why', 'state', 'time', 'result'], rows)}\n`)
  const readings = readAccessLogs(site => federation.accessLog(site))
  showMovements(readings)
  failures.push(...judgeMovements(readings, expectedMovements(tasks, deal, sizes, VICTIM)))
  return failures
}

async function fetchResult(federation: Federation, task: DemoTask, deal: Deal): Promise<string | undefined> {
  if (task.fate !== 'complete') return undefined
  return await federation.fetchResult(`${dataUrl(federation.layout, resultHolder(task, deal))}results/${task.name}.tsv`)
}

function firstLines(result = ''): string {
  const lines = result.trim().split('\n').slice(0, 2)
  return lines.map(line => line.replace('\t', ' ')).join(', ')
}

function report(failures: readonly string[], startedAt: number): void {
  for (const failure of failures) say(hang('NOT AS SAID: ', failure))
  const verdict =
    failures.length === 0
      ? "All went as said: sites, states, results and movements agree with the demo's own calculation."
      : `${failures.length} things did not go as said.`
  say(`  ${verdict}\n  ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

async function keep({ brokerUrl }: Federation, root: string, signal: AbortSignal): Promise<void> {
  say('\n  Everything is still running; Ctrl-C ends it and removes its files. For instance:')
  say(`    curl '${brokerUrl}/ga4gh/tes/v1/tasks?view=FULL&page_size=1'`)
  say(`    npx pnpm@12 portolan list --url ${brokerUrl}`)
  say(`    npx pnpm@12 portolan sites --url ${brokerUrl}`)
  say(`    the operators' files that this broker reads: ${join(root, 'broker')}`)
  if (!signal.aborted) await once(signal, 'abort')
}

/** What made it stop comes first: that a request was cut is only what follows. */
function sayFailure(error: unknown, signal: AbortSignal): string {
  const message = error instanceof Error ? error.message : String(error)
  const reason = signal.reason instanceof Error ? signal.reason.message : ''
  return message.startsWith(reason) ? message : `${reason}\n  ${message}`
}

function readFlags(): Flags | undefined {
  try {
    return parseArgs({
      options: { keep: { type: 'boolean' }, runner: { type: 'string' }, 'site-flag': { type: 'string', multiple: true } },
    }).values
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    return undefined
  }
}

const flags = readFlags()
if (flags) {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`The demo was ended by ${name}.`)))
  try {
    process.exitCode = await run(flags, stop)
  } catch (error) {
    say(`\n  The demo failed. ${sayFailure(error, stop.signal)}`)
    process.exitCode = 1
  }
} else process.exitCode = 2
