/**
 * The real API over a real store in a folder of its own, with the sites that a test declares and nothing behind them.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describeTask, place, type Snapshot, type WorkId } from '@portolan/federation'
import { keepFolder } from '../../../test/leaks/keep-folder.ts'
import { keep } from '../../../test/leaks/remains.ts'
import type { StreamRules } from '../src/api/event-stream.ts'
import type { ApiObserver } from '../src/api/observer.ts'
import type { OutputAccess } from '../src/api/output-routes.ts'
import type { Patience } from '../src/api/patience.ts'
import { type Api, createApi } from '../src/api/server.ts'
import { type Authentication, type Authenticator, openAuthenticator } from '../src/auth/authenticate.ts'
import { type BodyBudget, openBodyBudget } from '../src/auth/limits/body-budget.ts'
import { type DoorLimits, openDoorLimits } from '../src/auth/limits/door-limits.ts'
import { LOCAL, SYSTEM } from '../src/auth/principal.ts'
import { createProjectDirectory, type DeclaredProject } from '../src/auth/project-directory.ts'
import type { Bus } from '../src/bus/bus.ts'
import { createMemoryBus } from '../src/bus/bus-memory.ts'
import { personFolder } from '../src/compose/keys-in-use.ts'
import type { LiveLogs } from '../src/data/live-logs.ts'
import type { ObjectStores } from '../src/data/object-store.ts'
import { createUploads } from '../src/data/store-uploads.ts'
import type { EventObserver } from '../src/events/observer.ts'
import { createStoreFeed } from '../src/events/store-feed.ts'
import type { Placer } from '../src/reconcile/placer.ts'
import { openTaskSight } from '../src/reconcile/task-sight.ts'
import { createUnanswered, type Unanswered } from '../src/reconcile/unanswered.ts'
import { openKeyRing } from '../src/stores/key-ring.ts'
import type { LoginStore } from '../src/stores/login-store.ts'
import { openSqliteStore, type SqliteStore } from '../src/stores/sqlite-store.ts'
import type { Store } from '../src/stores/store.ts'
import type { StoreTestSwitches } from '../src/stores/test-switches.ts'
import type { UploadStore } from '../src/stores/upload-store.ts'
import type { OpenedLogin, TestPorts } from './open-test-login.ts'

export interface ApiTestOptions {
  readonly bodyBytes?: number
  readonly contentBytes?: number
  readonly inputs?: number
  readonly tags?: number
  readonly corsOrigins?: readonly string[]
  readonly snapshot?: Snapshot
  /** Default: that of the login, else open mode. */
  readonly authenticator?: Authenticator
  /** Opens the login of required mode. Default: there is none, as in open mode. */
  readonly openLogin?: (ports: TestPorts) => Promise<OpenedLogin>
  /** Changes what the door hears of who asks. */
  readonly changeAnswer?: (answer: Authentication) => Authentication
  /** Default: none, as in open mode. */
  readonly doorLimits?: DoorLimits
  /** Default: none, as in open mode. */
  readonly bodyBudget?: BodyBudget
  readonly trustProxy?: boolean | readonly string[]
  /** Default: loopback. */
  readonly metricsFrom?: readonly string[]
  readonly patience?: Patience
  readonly streams?: Partial<StreamRules>
  readonly liveLogs?: LiveLogs
  readonly eventObserver?: Partial<EventObserver>
  /** Where uploads go. Default: no location is declared. */
  readonly uploadStores?: ObjectStores
  /** Whether people can reach the servers of locations. Default: no. */
  readonly reachable?: boolean
  /** Told how many bytes have passed. */
  readonly relayed?: (direction: 'up' | 'down', bytes: number) => void
  /** ms since 1970. Default: the clock. */
  readonly now?: () => number
  /** Default: the one of open mode. */
  readonly projects?: readonly DeclaredProject[]
  readonly placer?: Partial<Placer>
  /** Default: no location is declared. */
  readonly data?: OutputAccess
  readonly renderMetrics?: () => string
  readonly storeSwitches?: StoreTestSwitches
  /** Changes what the API sees of the store. */
  readonly wrapStore?: (store: Store) => Store
}

export interface RunningApi extends AsyncDisposable {
  readonly port: number
  readonly api: Api
  readonly store: Store
  readonly logins: LoginStore
  readonly uploads: UploadStore
  /** Opens the file of the store once more, as another process does. */
  openStore(): Promise<SqliteStore>
  /** Lines of the access log. */
  readonly accessLines: string[]
  /** What was logged as an error. */
  readonly errors: unknown[]
  /** What was logged as a warning. */
  readonly warnings: unknown[]
  readonly wakeUps: string[]
  readonly unanswered: Unanswered
  /** Numbers the events that have none yet, as the reconciler does, and wakes who follows them. */
  sequence(): Promise<void>
}

/** What its remains are called in a report. */
const WHOSE = 'an API'
const LOCAL_PROJECTS: readonly DeclaredProject[] = (LOCAL.memberOf ?? []).map(id => ({
  project: { id },
  name: 'Local',
  members: [],
  visibility: 'owner',
}))
const PUBLIC_URL = 'http://127.0.0.1:8080'
const NO_DATA: OutputAccess = {
  locations: [],
  stores: { byLocation: new Map(), at: () => undefined },
  links: { forPerson: async () => undefined },
  observer: { relayed: () => undefined },
}
const NO_SITES: Snapshot = { id: 'empty', at: 0, policyVersion: 'none', sites: [], locations: [], projects: [] }

export async function startApi(options: ApiTestOptions = {}): Promise<RunningApi> {
  const { bodyBytes = 16 * 1024 * 1024, contentBytes = 1024 * 1024, inputs = 20_000, tags = 128 } = options
  const folder = await mkdtemp(join(tmpdir(), 'portolan-api-'))
  const keys = await openKeyRing(join(folder, 'keys'))
  const path = join(folder, 'portolan.db')
  const store = await openSqliteStore({ path, keys }, options.storeSwitches)
  const snapshot = options.snapshot ?? NO_SITES
  const accessLines: string[] = []
  const errors: unknown[] = []
  const warnings: unknown[] = []
  const wakeUps: string[] = []
  const unanswered = createUnanswered()
  const placer: Placer = {
    decide: async (task, project) =>
      place(snapshot, describeTask(task, { id: 'dry-run' as WorkId, project, documentBytes: 0, triedSites: [] }, [])),
    recall: () => undefined,
    ...options.placer,
  }
  const opened = await options.openLogin?.({ store: store.login, ownIssuer: () => PUBLIC_URL })
  const authenticator = options.authenticator ?? opened?.login.authenticator
  const { now = Date.now } = options
  const bus = createMemoryBus()
  const feed = createStoreFeed(store, bus, now)
  const api = createApi({
    store: options.wrapStore?.(store) ?? store,
    placer,
    sights: openTaskSight,
    data: { ...(options.data ?? NO_DATA), ...(options.relayed && { observer: { relayed: options.relayed } }) },
    bus: { ...bus, wake: topic => void wakeUps.push(topic) },
    feed,
    liveLogs: options.liveLogs ?? NO_LIVE_LOGS,
    uploads: createUploads({
      store: store.uploads,
      stores: options.uploadStores ?? NO_STORES,
      isReachable: () => options.reachable ?? false,
      folderName: person => personFolder(keys, person),
      observer: { linked: () => undefined },
      now,
    }),
    observer: { ...SILENT, ...options.eventObserver },
    unanswered,
    projects: createProjectDirectory(options.projects ?? LOCAL_PROJECTS, []),
    authenticator: change(authenticator ?? openAuthenticator, options.changeAnswer),
    troubles: () => opened?.troubles() ?? [],
    doorLimits: options.doorLimits ?? openDoorLimits,
    bodyBudget: options.bodyBudget ?? openBodyBudget,
    login: opened?.login,
    snapshot: () => snapshot,
    locationDetail: () => ({ health: 'unknown' }),
    now,
    log: {
      error: fields => void errors.push(fields.err),
      warn: fields => void warnings.push(fields),
      info: (fields, message) => keep('log', WHOSE, inspect([fields, message])),
    },
    accessSink: lines => void accessLines.push(...lines.trimEnd().split('\n')),
    renderMetrics: options.renderMetrics ?? (() => ''),
    pageTokenKey: new Uint8Array(32).fill(1),
    settings: {
      version: '0.1.0',
      publicUrl: () => PUBLIC_URL,
      open: authenticator === undefined,
      corsOrigins: options.corsOrigins ?? [],
      trustProxy: options.trustProxy ?? false,
      metricsFrom: options.metricsFrom ?? ['127.0.0.0/8', '::1'],
      bodyBytes,
      limits: { contentBytes, inputs, tags },
      patience: options.patience,
      streams: options.streams,
    },
  })
  api.server.listen(0, '127.0.0.1')
  await once(api.server, 'listening')
  return {
    port: (api.server.address() as AddressInfo).port,
    api,
    store,
    logins: store.login,
    uploads: store.uploads,
    openStore: () => openSqliteStore({ path, keys }),
    accessLines,
    errors,
    warnings,
    wakeUps,
    unanswered,
    sequence: () => sequence(store, bus),
    async [Symbol.asyncDispose]() {
      await api.drain(5_000)
      await feed[Symbol.asyncDispose]()
      await opened?.[Symbol.asyncDispose]()
      keepFolder(folder, WHOSE)
      keep('access log', WHOSE, accessLines.join('\n'))
      keep('log', WHOSE, inspect(errors))
      await store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const NO_STORES: ObjectStores = { byLocation: new Map(), at: () => undefined }

const NO_LIVE_LOGS: LiveLogs = {
  read: async () => ({ outcome: 'failed', detail: 'There are no sites' }),
  async [Symbol.asyncDispose]() {},
}

const SILENT: EventObserver & ApiObserver = {
  taskCreated: () => undefined,
  streamOpened: () => undefined,
  streamEnded: () => undefined,
  sent: () => undefined,
  liveRead: () => undefined,
}

async function sequence(store: Store, bus: Bus): Promise<void> {
  const lease = { name: 'events', owner: 'test' }
  const claimed = await store.execute({ kind: 'claimLease', principal: SYSTEM, ...lease, ttlMs: 60_000, now: Date.now() })
  if (claimed.outcome !== 'claimed') throw new Error('the lease of the events is taken')
  await store.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease: { ...lease, epoch: claimed.epoch }, limit: 100_000 })
  bus.wake('events')
}

function change(authenticator: Authenticator, changeAnswer: ApiTestOptions['changeAnswer']): Authenticator {
  if (!changeAnswer) return authenticator
  return { authenticate: async (headers, address) => changeAnswer(await authenticator.authenticate(headers, address)) }
}
