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
import { createTesClient } from '@portolan/tes/client'
import { type Deal, dealFiles } from './deal.ts'
import { candidates, cheapestWithoutResidency, type Sizes } from './expect.ts'
import { type Federation, readData, startFederation } from './federation.ts'
import { expectedMovements, expectedResult, expectedSites, judgeMovements, whereItLies } from './judge.ts'
import { type Reading, readAccessLogs, sumMovements } from './proof.ts'
import { dataUrl, fileSizes } from './setup.ts'
import { createSteps, formatBytes, formatTable, say } from './show.ts'
import { type DemoTask, demoTasks, resultHolder, toDocument } from './tasks.ts'
import { type Watch, watchTasks } from './watch.ts'
import { FILES, SITE_FACTS, SITES, type SiteName } from './world.ts'

const IMAGE = 'portolan/demo-tools:1'
const WAIT_MS = 90_000
/** The better linked of the two sites that are large enough for the rerunnable task: the plug is pulled there. */
const VICTIM: SiteName = 'charite'

interface Scene {
  readonly deal: Deal
  readonly sizes: Sizes
  readonly tasks: readonly DemoTask[]
  readonly federation: Federation
  readonly watch: Watch
  readonly step: (text: string) => void
}

async function run(): Promise<number> {
  const startedAt = Date.now()
  const { values } = parseArgs({
    options: { keep: { type: 'boolean' }, runner: { type: 'string' }, 'site-flag': { type: 'string', multiple: true } },
  })
  const seed = process.env.DEMO_SHUFFLE
  const deal = dealFiles(seed)
  const sizes = fileSizes()
  const root = mkdtempSync(join(tmpdir(), 'portolan-demo-'))
  introduce(deal, sizes, seed)
  const federation = await startFederation({ root, deal, runner: values.runner ?? 'process', siteFlags: values['site-flag'] ?? [] })
  const step = createSteps(startedAt)
  step(`broker ${federation.broker.url}, three sites, all on this machine`)
  const client = createTesClient({ url: `${federation.broker.url}/ga4gh/tes/v1` })
  const watch = watchTasks(client, federation.broker.url, step)
  const tasks = demoTasks(deal, VICTIM)
  const scene: Scene = { deal, sizes, tasks, federation, watch, step }
  let failures: readonly string[] = ['the demo did not come to its end']
  try {
    await play(
      scene,
      async task => (await client.createTask(toDocument(task, deal, site => dataUrl(federation.layout, site), IMAGE))).id,
      id => client.cancelTask(id),
    )
    failures = await judge(scene)
    report(failures, startedAt)
    if (values.keep) await keep(federation)
  } finally {
    const code = await federation.end()
    if (code !== 0) failures = [...failures, `the broker ended with exit code ${code}`]
    if (failures.length === 0) rmSync(root, { recursive: true, force: true })
    else say(`\n  Logs are in ${root}`)
  }
  return failures.length === 0 ? 0 : 1
}

function introduce(deal: Deal, sizes: Sizes, seed: string | undefined): void {
  say('\nPortolan sends the work to the data. Three sites hold real sequence data; one broker stands in front of them.\n')
  if (seed) say(`  The files are dealt by DEMO_SHUFFLE=${seed}.\n`)
  say(
    formatTable(
      ['site', 'country', 'login', 'RAM', 'links in, Mbit/s'],
      SITES.map(site => {
        const { name, country, open, ramGb, from } = SITE_FACTS[site]
        return [
          `${site} (${name})`,
          country,
          open ? 'open' : 'token',
          `${ramGb} GB`,
          Object.entries(from)
            .map(([other, mbps]) => `${other} ${mbps}`)
            .join(', '),
        ]
      }),
    ),
  )
  say()
  say(
    formatTable(
      ['file', 'lies at', 'size', 'sensitivity'],
      FILES.map(({ name, sensitivity }) => [name, deal[name], formatBytes(sizes[name]), sensitivity]),
    ),
  )
  say()
}

/** Submits everything and does to the federation what the tasks are there to show. */
async function play(
  { tasks, watch, federation, step }: Scene,
  submit: (task: DemoTask) => Promise<string>,
  cancel: (id: string) => Promise<void>,
): Promise<void> {
  const state = (name: string): string | undefined => watch.tasks.get(name)?.state
  for (const task of tasks.filter(({ pinned }) => !pinned)) watch.add(task.name, await submit(task))
  await watch.until(
    'a decision about every task that may go to several sites',
    all => [...all.values()].every(({ attempts, endedAt }) => attempts.length > 0 || endedAt !== undefined),
    WAIT_MS,
  )
  for (const task of tasks.filter(({ pinned }) => pinned)) watch.add(task.name, await submit(task))

  await watch.until('the cancelled task to run', () => state('cancelled') === 'RUNNING', WAIT_MS)
  await cancel(watch.tasks.get('cancelled')?.id ?? '')
  const short = tasks.filter(task => task.pauseSeconds === 0).map(({ name }) => name)
  await watch.until(
    'the short tasks to end and the long ones to run',
    all => short.every(name => all.get(name)?.endedAt !== undefined) && state('rerunnable') === 'RUNNING' && state('patient') === 'RUNNING',
    WAIT_MS,
  )

  step(`kill -9 of ${VICTIM}: both its long tasks run there now`)
  await federation.kill(VICTIM)
  await watch.until('the rerunnable task to start elsewhere', all => (all.get('rerunnable')?.attempts.length ?? 0) > 1, WAIT_MS)
  step(`${VICTIM} is started again`)
  await federation.restart(VICTIM)
  await watch.until('every task to end', all => [...all.values()].every(({ endedAt }) => endedAt !== undefined), WAIT_MS)
}

/** The table, and everything in it that is not as calculated. */
async function judge(scene: Scene): Promise<readonly string[]> {
  const { tasks, deal, sizes, watch, federation } = scene
  const rows: string[][] = []
  const failures: string[] = []
  for (const task of tasks) {
    const seen = watch.tasks.get(task.name)
    const decision = await watch.decision(task.name)
    const sites = seen?.attempts.map(({ site }) => site) ?? []
    const wanted = expectedSites(task, deal, sizes, VICTIM)
    if (sites.join() !== wanted.join())
      failures.push(`${task.name} ran at ${sites.join(', ') || 'no site'}; calculated: ${wanted.join(', ') || 'no site'}`)
    const state = { complete: 'COMPLETE', refused: 'SYSTEM_ERROR', cancelled: 'CANCELED' }[task.fate]
    if (seen?.state !== state) failures.push(`${task.name} ended ${seen?.state}; it should have ended ${state}`)
    const result = await judgeResult(scene, task, failures)
    if (task.fate === 'refused' && decision.sites.some(({ reasons }) => reasons.length === 0))
      failures.push(`${task.name} was refused by a site without a reason`)
    const seconds = seen?.endedAt === undefined ? '' : `${((seen.endedAt - seen.submittedAt) / 1000).toFixed(1)} s`
    rows.push([task.name, sites.join(' -> ') || 'none', seen?.state ?? '', seconds, result])
    explain(scene, task, decision)
  }
  say(`\n${formatTable(['task', 'site', 'state', 'time', 'result'], rows)}\n`)
  const readings = readAccessLogs(site => federation.accessLog(site))
  showMovements(readings)
  failures.push(...judgeMovements(readings, expectedMovements(tasks, deal, sizes, VICTIM)))
  return failures
}

async function judgeResult({ deal, federation }: Scene, task: DemoTask, failures: string[]): Promise<string> {
  if (task.fate !== 'complete') return ''
  const text = await federation.fetchResult(`${dataUrl(federation.layout, resultHolder(task, deal))}results/${task.name}.tsv`)
  if (text !== expectedResult(task, readData)) failures.push(`${task.name}: the result is not what the same files give when computed again`)
  return text
    .trim()
    .split('\n')
    .slice(0, 2)
    .map(line => line.replace('\t', ' '))
    .join(', ')
}

/** Why this site: the broker's own words, and the numbers beside them. */
function explain({ deal, sizes }: Scene, task: DemoTask, decision: Awaited<ReturnType<Watch['decision']>>): void {
  say(`\n  ${task.name}: ${task.shows}; data of ${whereItLies(task, deal)}`)
  say(`    ${decision.why}`)
  if (decision.outcome === 'refused')
    for (const { id, reasons } of decision.sites)
      say(`    ${id.padEnd(10)} ${reasons.map(({ code, detail }) => `${code}: ${detail}`).join('; ')}`)
  else
    say(
      `    by the demo's own sum: ${candidates(task, deal, sizes)
        .map(({ site, bytes, seconds }) => `${site} ${formatBytes(bytes)} in ${seconds.toFixed(2)} s`)
        .join(', ')}`,
    )
  if (task.name !== 'residency') return
  const cheaper = cheapestWithoutResidency(task, deal, sizes)
  if (cheaper) say(`    without the rule it would be ${cheaper.site}: ${formatBytes(cheaper.bytes)} in ${cheaper.seconds.toFixed(2)} s`)
}

/** What the data servers themselves wrote down. */
function showMovements(readings: readonly Reading[]): void {
  const { files, bytes, borderBytes } = sumMovements(readings)
  say('  The access logs of the data servers: files that left their site')
  for (const file of [...files].sort()) say(`    ${file}`)
  say(`    ${formatBytes(bytes)} moved, ${formatBytes(borderBytes)} of it across a border; all other readings were of a site's own disk\n`)
}

function report(failures: readonly string[], startedAt: number): void {
  for (const failure of failures) say(`  NOT AS SAID: ${failure}`)
  const verdict =
    failures.length === 0
      ? "All went as said: sites, states, results and movements agree with the demo's own calculation."
      : `${failures.length} things did not go as said.`
  say(`  ${verdict}\n  ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

async function keep(federation: Federation): Promise<void> {
  say(`\n  Still running: ${federation.broker.url}/ga4gh/tes/v1 - Ctrl-C ends it.`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

try {
  process.exitCode = await run()
} catch (error) {
  say(`\n  The demo failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  process.exitCode = 1
}
