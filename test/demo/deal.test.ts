/**
 * The demo under many deals: no task loses its point, and the broker's placement, reading the files that the demo writes for operators, sends
 * every task where the demo's own sum says.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocatedInput, type ProjectId, place, type SiteId, type WorkId } from '@portolan/federation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '../../apps/broker/src/config.ts'
import { createPrefixLocator } from '../../apps/broker/src/data/prefix-locator.ts'
import { describeLocated } from '../../apps/broker/src/reconcile/describe.ts'
import { createSiteLedger } from '../../apps/broker/src/reconcile/site-ledger.ts'
import { createSnapshotSource } from '../../apps/broker/src/reconcile/snapshot-source.ts'
import { createSiteHealth } from '../../apps/broker/src/sites/breaker-health.ts'
import { type Deal, dealFiles } from '../../demo/src/deal.ts'
import { candidates, cheapestWithoutResidency } from '../../demo/src/expect.ts'
import { dataUrl, fileSizes, type Layout, tokenName, writeConfiguration } from '../../demo/src/setup.ts'
import { type DemoTask, demoTasks, IMAGE, toDocument } from '../../demo/src/tasks.ts'
import { FILES, SITE_FACTS, SITES, type SiteName } from '../../demo/src/world.ts'

const VICTIM: SiteName = 'charite'
const SEEDS = Array.from({ length: 60 }, (_, index) => `seed-${index}`)
const NOW = Date.UTC(2026, 0, 1)
const sizes = fileSizes()
const env = Object.fromEntries(SITES.flatMap(site => [tokenName(site, 'TES'), tokenName(site, 'READER')]).map(name => [name, 'secret']))

let root: string
let layout: Layout
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'portolan-deal-'))
  layout = { root, ports: { bielefeld: 9001, charite: 9002, surf: 9003 } }
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function load(deal: Deal): Promise<Config> {
  const loaded = await loadConfig({ file: writeConfiguration(layout, deal), env, cwd: root })
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems))
  return loaded
}

/** Where the broker sends the task; null: nowhere. `tried`: sites that have failed it. */
async function ask(config: Config, task: DemoTask, deal: Deal, tried: readonly SiteName[] = []): Promise<string | null> {
  const ledgers = new Map(
    config.sites.map(({ site }) => [
      site.id,
      createSiteLedger(
        site,
        createSiteHealth(site, () => NOW),
        () => NOW,
      ),
    ]),
  )
  const locations = config.locations.map(({ location }) => location)
  const snapshots = createSnapshotSource({ locations, projects: config.projects.map(({ project }) => project) }, ledgers, () => NOW)
  const document = toDocument(task, deal, site => dataUrl(layout, site), IMAGE)
  const triedSites = tried.map(site => site as string as SiteId)
  const meta = { id: 'w1' as WorkId, project: 'local' as ProjectId, documentBytes: JSON.stringify(document).length, triedSites }
  const find = createPrefixLocator(config.locations)
  const locate = async (inputs: readonly { readonly url: string }[]) =>
    inputs.map(({ url }): Omit<LocatedInput, 'path'> => {
      const name = FILES.find(file => url.endsWith(`/${file.name}`))?.name
      return { url, replicas: find(url)?.replicas ?? [], bytes: name ? sizes[name] : 0, files: 1, assumed: false }
    })
  const work = await describeLocated(document, meta, { locate })
  return place(snapshots.take(NOW), work).chosen
}

describe.each(['', ...SEEDS])('the deal by "%s"', seed => {
  const deal = dealFiles(seed)
  const tasks = demoTasks(deal, VICTIM)
  const find = (name: string): DemoTask => {
    const task = tasks.find(one => one.name === name)
    if (!task) throw new Error(`no task ${name}`)
    return task
  }

  it('is the same again, and keeps from the open site what is not public', () => {
    expect(dealFiles(seed)).toEqual(deal)
    for (const { name, sensitivity } of FILES) expect(sensitivity === 'public' || !SITE_FACTS[deal[name]].open).toBe(true)
  })

  it('gives every task its point', () => {
    expect(tasks).toHaveLength(9)
    for (const site of SITES) expect(candidates(find(`own-${site}`), deal, sizes).map(candidate => candidate.site)).toEqual([site])
    expect(new Set(find('two-sites').files.map(file => deal[file])).size).toBe(2)
    expect(candidates(find('two-sites'), deal, sizes)[0]?.site).toBe(deal['lambda-reads.fq'])
    expect(cheapestWithoutResidency(find('residency'), deal, sizes)?.site).not.toBe(candidates(find('residency'), deal, sizes)[0]?.site)
    expect(candidates(find('rerunnable'), deal, sizes)[0]?.site).toBe(VICTIM)
    expect(candidates(find('rerunnable'), deal, sizes, [VICTIM])).not.toEqual([])
    expect(candidates(find('patient'), deal, sizes).map(candidate => candidate.site)).toEqual([VICTIM])
    expect(candidates(find('cancelled'), deal, sizes)[0]?.site).not.toBe(VICTIM)
  })

  it('sends every task where the demo says', async () => {
    const config = await load(deal)
    for (const task of tasks)
      expect([task.name, await ask(config, task, deal)]).toEqual([task.name, candidates(task, deal, sizes)[0]?.site ?? null])
    const second = candidates(find('rerunnable'), deal, sizes, [VICTIM])[0]?.site
    expect(await ask(config, find('rerunnable'), deal, [VICTIM])).toBe(second)
  })
})
