/**
 * A whole federation in one process for end-to-end tests: a real broker, by its real configuration, in front of real HTTP sites.
 *
 * The broker keeps its folder over `restart()`. Nothing sleeps: `settle()` and `until()` look until it is so, and give up at a deadline.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, type BrokerOptions, startBroker } from '@portolan/broker'
import { formatProblem, loadConfig } from '@portolan/broker/config'
import type { Decision } from '@portolan/federation'
import { isTerminal, type TesTask } from '@portolan/tes'
import { createTesClient, type ReadByView, type TesClient } from '@portolan/tes/client'
import type { FakeSite } from '@portolan/tes/testing'
import { stringify } from 'yaml'
import { createLog } from '../../apps/broker/src/observe/log.ts'
import { keepFolder } from '../leaks/keep-folder.ts'
import { keep } from '../leaks/remains.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { type SiteFields, type SiteSpec, type StartedSite, secretName, siteEntry, startSpec, tokenOf } from './sites.ts'
import { until } from './until.ts'

type Entries = readonly SiteFields[]

export interface FederationSpec {
  readonly sites: readonly SiteSpec[]
  /** Entries of the configuration; a function gets the started sites, for their addresses. */
  readonly locations?: Entries | ((site: (id: string) => StartedSite) => Entries)
  readonly projects?: Entries
  /** Seconds, over times that suit a test. */
  readonly tracking?: Readonly<Record<string, number>>
  readonly options?: BrokerOptions
  /** Further secrets that the configuration refers to. */
  readonly env?: Readonly<Record<string, string>>
}

export interface TestFederation extends AsyncDisposable {
  /** Origin of the broker that runs now. */
  url(): string
  client(): TesClient
  site(id: string): StartedSite
  fake(id: string): FakeSite
  /** Lines of the broker's log, as objects. */
  readonly logged: Readonly<Record<string, unknown>>[]
  submit(task?: Partial<TesTask>): Promise<string>
  /** Submits and waits for the end. */
  run(task?: Partial<TesTask>): Promise<ReadByView['FULL']>
  full(id: string): Promise<ReadByView['FULL']>
  /** Waits until every task is over. */
  settle(timeoutMs?: number): Promise<void>
  /** Text of a GET below `/portolan/v1`. */
  portolan(path: string): Promise<{ readonly status: number; readonly text: string }>
  dryRun(task?: Partial<TesTask>): Promise<Decision>
  placement(id: string): Promise<Decision>
  /** Waits until the broker knows the size of every input of the task: a busy machine may answer too late for the first look. */
  knowSizes(task: Partial<TesTask>): Promise<void>
  /** Ends the broker and starts another on the same folder; `changed`: keys of sites' files, by site, that the operator has edited meanwhile. */
  restart(options?: BrokerOptions, changed?: Readonly<Record<string, SiteFields>>): Promise<void>
}

/** What its remains are called in a report. */
const WHOSE = 'a federation'
const TRACKING = { sweepSeconds: 0.2, settleSeconds: 0.3, siteTimeoutSeconds: 2, staleAfterSeconds: 2, lostAfterSeconds: 4, maxRetries: 3 }
const TASK: TesTask = { executors: [{ image: 'alpine', command: ['true'], env: { SECRET: makeSecret('env-of-a-task') } }] }

export async function startFederation(spec: FederationSpec): Promise<TestFederation> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'portolan-e2e-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const sites = new Map<string, StartedSite>()
  for (const one of spec.sites) {
    const site = await startSpec(one, folder)
    started.defer(() => site.stop())
    sites.set(one.id, site)
  }
  const site = (id: string): StartedSite => {
    const found = sites.get(id)
    if (!found) throw new Error(`There is no site ${id}`)
    return found
  }
  const file = join(folder, 'portolan.yaml')
  await writeFile(file, stringify(configuration(spec, [...sites.values()], site)))
  const env = { ...spec.env, ...Object.fromEntries([...sites.keys()].map(id => [secretName(id), tokenOf(id)])) }
  const logged: Record<string, unknown>[] = []
  const start = async (options: BrokerOptions = {}): Promise<Broker> => {
    const config = await loadConfig({ file, env, cwd: folder })
    if (config.kind === 'problems') throw new Error(config.problems.map(formatProblem).join('\n'))
    const write = (line: string): void => {
      keep('log', WHOSE, line)
      logged.push(JSON.parse(line))
    }
    return await startBroker(config, {
      log: createLog({ level: 'debug', destination: { write } }),
      accessSink: lines => keep('access log', WHOSE, lines),
      ...options,
    })
  }
  let broker = await start(spec.options)
  let client = connect(broker)
  const stop = async (): Promise<void> => {
    keep('metrics', WHOSE, await readMetrics(broker))
    keepFolder(folder, WHOSE)
    await broker.stop()
  }
  started.defer(stop)
  const owned = started.move()

  const submit = async (task: Partial<TesTask> = {}): Promise<string> => (await client.createTask({ ...TASK, ...task })).id
  const full = (id: string): Promise<ReadByView['FULL']> => client.getTask(id, { view: 'FULL' })
  const portolan = async (path: string, body?: object): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${broker.url}/portolan/v1/${path}`, {
      signal: AbortSignal.timeout(10_000),
      ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: answer.status, text: await answer.text() }
  }
  const dryRun = async (task: Partial<TesTask> = {}): Promise<Decision> => decisionOf(await portolan('placements', { ...TASK, ...task }))
  const decisionOf = ({ text }: { readonly text: string }): Decision => JSON.parse(text)

  return {
    url: () => broker.url,
    client: () => client,
    site,
    fake(id) {
      const { fake } = site(id)
      if (!fake) throw new Error(`The site ${id} is a real one`)
      return fake
    },
    logged,
    submit,
    full,
    async run(task) {
      const id = await submit(task)
      await until(`the end of ${id}`, async () => isTerminal((await client.getTask(id)).state))
      return await full(id)
    },
    async settle(timeoutMs) {
      await until('every task is over', async () => (await unfinished(client)) === 0, timeoutMs)
    },
    portolan: path => portolan(path),
    dryRun,
    async knowSizes(task) {
      const isAssumed = ({ sites }: Decision): boolean =>
        sites.some(({ terms }) => task.inputs?.some(({ path }) => terms?.assumed.includes(path)))
      await until('the sizes are known', async () => !isAssumed(await dryRun(task)))
    },
    placement: async id => decisionOf(await portolan(`tasks/${id}/placement`)),
    async restart(options, changed = {}) {
      await stop()
      const edited = [...sites.values()].map(one => ({
        ...one,
        spec: { ...one.spec, fields: { ...one.spec.fields, ...changed[one.spec.id] } },
      }))
      await writeFile(file, stringify(configuration(spec, edited, site)))
      broker = await start(options)
      client = connect(broker)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Before it ends; empty if it does not say. */
async function readMetrics(broker: Broker): Promise<string> {
  return await fetch(`${broker.url}/metrics`, { signal: AbortSignal.timeout(10_000) }).then(
    answer => answer.text(),
    () => '',
  )
}

function connect(broker: Broker): TesClient {
  return createTesClient({ url: `${broker.url}/ga4gh/tes/v1`, pollIntervalMs: 20 })
}

async function unfinished(client: TesClient): Promise<number> {
  let count = 0
  for await (const { state } of client.listTasks({ pageSize: 2000 })) if (!isTerminal(state)) count += 1
  return count
}

function configuration(spec: FederationSpec, sites: readonly StartedSite[], site: (id: string) => StartedSite): object {
  const { locations = [], projects = [] } = spec
  return {
    server: { host: '127.0.0.1', port: 0 },
    auth: { mode: 'open' },
    tracking: { ...TRACKING, ...spec.tracking },
    sites: sites.map(siteEntry),
    locations: typeof locations === 'function' ? locations(site) : locations,
    projects,
  }
}
