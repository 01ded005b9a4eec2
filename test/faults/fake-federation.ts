/**
 * A broker over fake sites, for tests of single faults: in this process, or in one of its own that can be killed. Times are short, and
 * everything is awaited, never slept for.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Attempt, WorkId } from '@portolan/federation'
import type { TesState, TesTask } from '@portolan/tes'
import { createTesClient, type TesClient } from '@portolan/tes/client'
import type { FakeSite } from '@portolan/tes/testing'
import { stringify } from 'yaml'
import { SYSTEM } from '../../apps/broker/src/auth/principal.ts'
import { startBroker } from '../../apps/broker/src/broker.ts'
import { formatProblem, loadConfig } from '../../apps/broker/src/config.ts'
import { createLog } from '../../apps/broker/src/observe/log.ts'
import { openKeyRing } from '../../apps/broker/src/stores/key-ring.ts'
import { openSqliteStore } from '../../apps/broker/src/stores/sqlite-store.ts'
import { freePorts } from '../../demo/src/free-ports.ts'
import { endProgram, startProgram } from '../../demo/src/processes.ts'
import { until } from '../harness/until.ts'
import { keepFolder } from '../leaks/keep-folder.ts'
import { keep } from '../leaks/remains.ts'
import { makeSecret } from '../leaks/secrets.ts'

/** What its remains are called in a report. */
const WHOSE = 'a federation with faults'
const SWEEP_MS = 200
export const SETTLE_MS = 400
const SITE_TIMEOUT_MS = 1_000
const LEASE_TTL_MS = 600
/** A machine under load is slow: where the first listing of a site takes long, the next ones are rare. */
export const TEST_TIMEOUT_MS = 180_000

export interface FakeFederation extends AsyncDisposable {
  readonly url: string
  readonly client: TesClient
  /** In this process. */
  start(): Promise<void>
  stop(): Promise<void>
  /** As a process of its own, with further switches of `broker-under-test.ts`. Answers its process id. */
  spawn(...switches: readonly string[]): Promise<number>
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
  submit(task?: Partial<TesTask>): Promise<string>
  /** Waits until the broker shows the state. */
  reach(id: string, state: TesState): Promise<void>
  /** As the store has them, oldest first. */
  attempts(id: string): Promise<readonly Attempt[]>
}

/** Lays out a broker that knows these sites, by their ids; `more`: further entries of its configuration. It is not started. */
export async function openFederation(sites: Readonly<Record<string, FakeSite>>, more: object = {}): Promise<FakeFederation> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-fault-'))
  const [port = 0] = await freePorts(1)
  const path = join(folder, 'portolan.db')
  const keysFolder = join(folder, 'keys')
  const file = join(folder, 'portolan.yaml')
  await writeFile(file, stringify({ ...configuration(sites, port, path, keysFolder), ...more }))
  const url = `http://127.0.0.1:${port}`
  const client = createTesClient({ url: `${url}/ga4gh/tes/v1` })
  let end: ((signal: 'SIGKILL' | 'SIGTERM') => Promise<number | null>) | undefined

  async function kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const code = await end?.(signal)
    end = undefined
    return code ?? null
  }

  return {
    url,
    client,
    kill,
    async start() {
      const config = await loadConfig({ file, env: process.env, cwd: folder })
      if (config.kind === 'problems') throw new Error(config.problems.map(formatProblem).join('\n'))
      const log = createLog({ destination: { write: line => keep('log', WHOSE, line) } })
      const broker = await startBroker(config, { log, accessSink: lines => keep('access log', WHOSE, lines), leaseTtlMs: LEASE_TTL_MS })
      end = async () => {
        keepFolder(folder, WHOSE)
        await broker.stop()
        return 0
      }
    },
    async stop() {
      await kill('SIGTERM')
    },
    async spawn(...switches) {
      const flags = ['--config', file, '--lease-ttl-ms', String(LEASE_TTL_MS), ...switches]
      const running = await startProgram('test/faults/broker-under-test.ts', flags, {}, join(folder, 'broker.log'))
      end = signal => endProgram(running, signal)
      return running.process.pid ?? 0
    },
    async submit(task) {
      const secret = { env: { SECRET: makeSecret('env-of-a-task') } }
      return (await client.createTask({ executors: [{ image: 'alpine', command: ['true'], ...secret }], ...task })).id
    },
    async reach(id, state) {
      await until(`${id} is ${state}`, async () => (await client.getTask(id)).state === state)
    },
    async attempts(id) {
      await using store = await openSqliteStore({ path, keys: await openKeyRing(keysFolder) })
      return store.getAttempts(SYSTEM, id as WorkId).toSorted((a, b) => a.number - b.number)
    },
    async [Symbol.asyncDispose]() {
      await kill('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until the site has begun so many more listings. */
export async function sweeps(site: FakeSite, count: number): Promise<void> {
  const listings = (): number => site.requests.filter(({ operation }) => operation === 'list').length
  const wanted = listings() + count
  await until(`${count} listings`, () => listings() >= wanted)
}

function configuration(sites: Readonly<Record<string, FakeSite>>, port: number, path: string, keysFolder: string): object {
  return {
    server: { host: '127.0.0.1', port },
    store: { kind: 'sqlite', path },
    keys: { dir: keysFolder },
    auth: { mode: 'open' },
    tracking: {
      sweepSeconds: SWEEP_MS / 1000,
      settleSeconds: SETTLE_MS / 1000,
      siteTimeoutSeconds: SITE_TIMEOUT_MS / 1000,
      staleAfterSeconds: 1,
      lostAfterSeconds: 2,
      maxRetries: 3,
    },
    sites: Object.entries(sites).map(([id, { url }]) => ({
      id,
      name: id,
      api: 'tes',
      url,
      place: { country: 'DE' },
      limits: { requestsPerSecond: 100, concurrentRequests: 8, maxIdleTasks: 20 },
    })),
  }
}
