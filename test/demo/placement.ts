/**
 * The broker's placement in the demo's world, without the world: it reads the files that the demo writes for operators, and no server runs.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileSnapshot, type Decision, type LocatedInput, type ProjectId, place, type SiteId, type WorkId } from '@portolan/federation'
import { type Config, loadConfig } from '../../apps/broker/src/config.ts'
import { createPrefixLocator } from '../../apps/broker/src/data/prefix-locator.ts'
import { describeLocated } from '../../apps/broker/src/reconcile/describe.ts'
import { createSiteLedger } from '../../apps/broker/src/reconcile/site-ledger.ts'
import { createSnapshotSource } from '../../apps/broker/src/reconcile/snapshot-source.ts'
import { createSiteHealth } from '../../apps/broker/src/sites/breaker-health.ts'
import { PROJECT_OF } from '../../demo/src/people.ts'
import type { Script } from '../../demo/src/script.ts'
import { BROKER_KEY, CLIENT_SECRET, dataUrl, type Layout, tokenName, writeConfiguration } from '../../demo/src/setup.ts'
import { type DemoTask, IMAGE, toDocument } from '../../demo/src/tasks.ts'
import { FILES, SITES, type SiteName } from '../../demo/src/world.ts'

const NOW = Date.UTC(2026, 0, 1)
const SECRETS = [CLIENT_SECRET, ...Object.values(BROKER_KEY), ...SITES.flatMap(site => [tokenName(site, 'TES'), tokenName(site, 'READER')])]
const env = Object.fromEntries(SECRETS.map(name => [name, 'secret']))
const STORES = { bielefeld: 'http://127.0.0.1:9005', charite: 'http://127.0.0.1:9006', surf: 'http://127.0.0.1:9007' }
/** Nobody asks it. */
const LOGIN = { issuer: 'http://127.0.0.1:9000/oidc/', clientId: 'portolan' }

export interface Circumstances {
  /** Sites that take nothing now. */
  readonly closed?: readonly SiteName[]
  /** Sites that have failed the task. */
  readonly tried?: readonly SiteName[]
}

export interface Placement extends AsyncDisposable {
  decide(task: DemoTask, circumstances?: Circumstances): Promise<Decision>
}

/** Writes the operators' files of the script into a folder of its own, and reads them as the broker does. */
export async function openPlacement({ deal, sizes }: Script, inS3 = false): Promise<Placement> {
  const root = await mkdtemp(join(tmpdir(), 'portolan-deal-'))
  const layout: Layout = {
    root,
    ports: { bielefeld: 9001, charite: 9002, surf: 9003 },
    brokerPort: 9004,
    stores: inS3 ? STORES : undefined,
  }
  const loaded = await loadConfig({ file: writeConfiguration(layout, deal, LOGIN), env, cwd: root })
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems))
  const config: Config = loaded
  const find = createPrefixLocator(config.locations)
  const findReplicas = (url: string) => find(url)?.replicas ?? []
  const locate = async (inputs: readonly { readonly url: string }[]) =>
    inputs.map(({ url }): Omit<LocatedInput, 'path'> => {
      const name = FILES.find(file => url.endsWith(`/${file.name}`))?.name
      return { url, replicas: findReplicas(url), bytes: name ? sizes[name] : 0, files: 1, assumed: false }
    })
  return {
    async decide(task, { closed = [], tried = [] } = {}) {
      const document = toDocument(task, deal, site => dataUrl(layout, site), IMAGE)
      const triedSites = tried.map(site => site as string as SiteId)
      const meta = {
        id: 'w1' as WorkId,
        project: PROJECT_OF[task.actor] as string as ProjectId,
        documentBytes: JSON.stringify(document).length,
        triedSites,
      }
      const compiled = compileSnapshot(takeSnapshot(config, closed))
      return place(compiled, await describeLocated(document, meta, { find: findReplicas, locate }, () => compiled))
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}

function takeSnapshot(config: Config, closed: readonly SiteName[]) {
  const now = () => NOW
  const sites = config.sites.map(({ site }) => ({ ...site, draining: closed.some(name => name === site.id) }))
  const ledgers = new Map(sites.map(site => [site.id, createSiteLedger(site, createSiteHealth(site, now), now)]))
  const locations = config.locations.map(({ location }) => location)
  const projects = config.projects.map(({ project }) => project)
  return createSnapshotSource({ locations, projects }, ledgers, now).take(NOW)
}
