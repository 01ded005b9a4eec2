/**
 * The composition root: builds every adapter, hands each part only the ports that it uses, and ends them in the order that loses nothing.
 */
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import process from 'node:process'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import packageJson from '../package.json' with { type: 'json' }
import { createApi } from './api/server.ts'
import { openAuthenticator } from './auth/authenticate.ts'
import { createBodyBudget, openBodyBudget } from './auth/limits/body-budget.ts'
import { createDoorLimits, type DoorLimits, type LimitsObserver, openDoorLimits } from './auth/limits/door-limits.ts'
import { openLogin } from './auth/open-login.ts'
import { createProjectDirectory } from './auth/project-directory.ts'
import { openSubjectTokens } from './auth/subject-tokens.ts'
import { createMemoryBus } from './bus/bus-memory.ts'
import { createMemoryRateBuckets } from './bus/rate-buckets-memory.ts'
import { declaredOrigins } from './compose/declared-origins.ts'
import { brokerId, digestByOldestKey, pageTokenKey, tagSigner } from './compose/keys-in-use.ts'
import { openData } from './compose/open-data.ts'
import { openEvents } from './compose/open-events.ts'
import { openSites } from './compose/open-sites.ts'
import { openUploads } from './compose/open-uploads.ts'
import type { Config } from './config.ts'
import type { AccessPorts } from './http/access.ts'
import { createOutboundFetch } from './http/outbound-fetch.ts'
import { createLog } from './observe/log.ts'
import { createMetrics } from './observe/metrics.ts'
import { createDecisionArchive } from './reconcile/decision-archive.ts'
import { createPlacer } from './reconcile/dispatch-placer.ts'
import { LEASE_TTL_MS } from './reconcile/lease.ts'
import type { PlantedFaults } from './reconcile/planted-faults.ts'
import { createProjectUse } from './reconcile/project-use.ts'
import { startReconciler } from './reconcile/reconciler.ts'
import { createSnapshotSource } from './reconcile/snapshot-source.ts'
import { createTaskSight, openTaskSight } from './reconcile/task-sight.ts'
import { createTaskTags } from './reconcile/task-tags.ts'
import { createUnanswered } from './reconcile/unanswered.ts'
import { listen } from './start/listen.ts'
import { makeFolder } from './start/make-folder.ts'
import { StartRefused } from './start/start-refused.ts'
import { KeyFileError, openKeyRing } from './stores/key-ring.ts'
import { openSigningKeys } from './stores/signing-key-source.ts'
import { KeysLacking, refuseLostKeys } from './stores/sqlite/needed-keys.ts'
import { lockRole } from './stores/sqlite/role-lock.ts'
import { openSqliteStore } from './stores/sqlite-store.ts'
import type { StoreTestSwitches } from './stores/test-switches.ts'

export interface BrokerOptions {
  readonly log?: Logger | undefined
  /** Takes the access log, whole lines of JSON. Default: standard error. */
  readonly accessSink?: ((lines: string) => void) | undefined
  readonly faults?: PlantedFaults | undefined
  readonly storeSwitches?: StoreTestSwitches | undefined
  readonly now?: (() => number) | undefined
  /** How long the leases of a broker that crashed keep its successor waiting. Default 15 s. */
  readonly leaseTtlMs?: number | undefined
}

export interface Broker {
  /** Where it listens, without a slash at the end; empty without the role `api`. */
  readonly url: string
  /** Takes nothing new, answers what has arrived, finishes or writes down what is under way at sites, and ends. Ten seconds at most. */
  stop(): Promise<void>
}

/** The software version, as it stands in package.json. */
const VERSION = packageJson.version
/** For requests and for submissions under way, side by side; the rest of the ten seconds is for closing. */
const STOP_MS = 8_000

/** Builds and starts a broker. Throws `StartRefused`, or what went wrong, and then holds nothing open. */
export async function startBroker(config: Config, options: BrokerOptions = {}): Promise<Broker> {
  const log = options.log ?? createLog({ destination: process.stderr })
  const now = options.now ?? Date.now
  await using stack = new AsyncDisposableStack()
  await makeFolder(dirname(config.store.path), 'store.path')
  await makeFolder(config.keys.dir, 'keys.dir', 0o700)
  for (const role of config.server.roles) stack.use(lockRole(config.store.path, role))
  const { keys: keyFolder, store: file } = config
  await orRefuse(refuseLostKeys(file.path, keyFolder.dir), cause => describeStore(config, cause))
  const keys = await orRefuse(openKeyRing(keyFolder.dir), cause => describeKeys(keyFolder.dir, cause))
  const store = stack.use(
    await orRefuse(openSqliteStore({ path: file.path, keys }, options.storeSwitches), cause => describeStore(config, cause)),
  )
  const bus = stack.use(createMemoryBus())
  const outbound = stack.use(createOutboundFetch({ declaredOrigins: declaredOrigins(config) }))
  let url = ''
  const publicUrl = (): string => config.server.publicUrl ?? url
  const directory = createProjectDirectory(config.projects, config.auth.admins)
  const limits = openLimits(config, { limited: (act, outcome) => metrics.limited(act, outcome) }, now)
  const people =
    config.auth.mode === 'open'
      ? undefined
      : stack.use(
          openLogin(config, {
            store: store.login,
            directory,
            signingKeys: await orRefuse(openSigningKeys(keyFolder.dir, now(), reportKeys(log)), cause =>
              describeKeys(keyFolder.dir, cause),
            ),
            fetch: outbound.fetch,
            tends: config.server.roles.includes('api'),
            ownIssuer: publicUrl,
            digest: text => digestByOldestKey(keys, text).toString('hex'),
            limits,
            boundsObserver: { bounded: (what, count) => metrics.bounded(what, count) },
            now,
            log,
          }),
        )
  const access: AccessPorts = { outbound, subjectTokens: people?.subjectTokens ?? openSubjectTokens, now }
  const registry = new Registry()
  const declared = { locations: config.locations.map(({ location }) => location), projects: config.projects.map(({ project }) => project) }
  const { locator, measurer, links, detailOf, ...data } = stack.use(await openData(config.locations, declared.projects, access, registry))
  const { gateways, ledgers } = stack.use(openSites(config.sites, access, log))
  const snapshots = createSnapshotSource(declared, ledgers, now)
  const use = createProjectUse(declared.projects, store, now)
  const sights = config.auth.mode === 'open' ? openTaskSight : createTaskSight(snapshots.take(now()))
  const archive = createDecisionArchive(store, now)
  const metrics = stack.use(
    createMetrics(
      {
        sites: () => [...ledgers.values()].map(ledger => ({ site: ledger.site.id, status: ledger.status(now()), may: ledger.may() })),
        storeQueue: () => store.queued(),
      },
      registry,
    ),
  )
  const unanswered = createUnanswered()
  const reconciler = config.server.roles.includes('reconciler')
    ? startReconciler({
        store,
        bus,
        locator,
        links,
        measurer,
        gateways,
        ledgers,
        snapshots,
        use,
        sights,
        archive,
        unanswered,
        tags: createTaskTags(brokerId(keys), tagSigner(keys)),
        rules: config.tracking,
        replica: randomUUID(),
        leaseTtlMs: options.leaseTtlMs ?? LEASE_TTL_MS,
        now,
        log,
        observer: metrics,
        faults: options.faults ?? {},
      })
    : undefined

  const { sites } = config
  const { feed, liveLogs } = stack.use(openEvents({ reads: store, bus, sites, gateways, ledgers, observer: metrics, now }))
  const { uploads } = stack.use(
    openUploads({
      store: store.uploads,
      stores: data.stores,
      locations: config.locations,
      keys,
      observer: data.observer,
      tends: config.server.roles.includes('api'),
      now,
      log,
    }),
  )
  const placer = createPlacer(store, locator, snapshots, use, archive, now)
  const api = config.server.roles.includes('api')
    ? createApi({
        store,
        placer,
        sights,
        data: { ...data, links, locations: config.locations },
        bus,
        feed,
        liveLogs,
        uploads,
        observer: metrics,
        unanswered,
        projects: directory,
        authenticator: people?.login.authenticator ?? openAuthenticator,
        login: people?.login,
        troubles: () => people?.troubles() ?? [],
        doorLimits: limits,
        bodyBudget: config.auth.mode === 'open' ? openBodyBudget : createBodyBudget(config.limits.bodies, metrics),
        snapshot: () => snapshots.take(now()),
        locationDetail: detailOf,
        now,
        log,
        accessSink: options.accessSink ?? (lines => process.stderr.write(lines)),
        renderMetrics: async () => (await metrics.render()).text,
        pageTokenKey: pageTokenKey(keys),
        settings: {
          version: VERSION,
          publicUrl,
          open: config.auth.mode === 'open',
          corsOrigins: config.server.corsOrigins,
          trustProxy: config.server.trustProxy,
          metricsFrom: config.server.metricsFrom,
          bodyBytes: config.limits.bodyBytes,
          limits: config.limits,
        },
      })
    : undefined
  let cut = 0
  stack.defer(async () => {
    const [drained] = await Promise.all([api?.drain(STOP_MS), reconciler?.stop(STOP_MS)])
    cut = drained?.cut ?? 0
  })
  if (api) url = await listen(api.server, config.server)
  log.info({ url, version: VERSION, sites: config.sites.length, roles: config.server.roles }, 'broker started')

  const owned = stack.move()
  return {
    url,
    async stop() {
      await owned.disposeAsync()
      log.info({ cut }, 'broker stopped')
    },
  }
}

async function orRefuse<Opened>(opening: Promise<Opened>, describe: (cause: unknown) => string): Promise<Opened> {
  try {
    return await opening
  } catch (cause) {
    throw new StartRefused(describe(cause), { cause })
  }
}

function describeKeys(dir: string, cause: unknown): string {
  if (cause instanceof KeyFileError) return `keys.dir: ${cause.message}`
  return `keys.dir: ${dir} cannot be opened (${cause instanceof Error ? cause.message : String(cause)}); name a folder that this user may write to`
}

function describeStore({ store, keys }: Config, cause: unknown): string {
  if (cause instanceof KeyFileError) return describeKeys(keys.dir, cause)
  if (cause instanceof KeysLacking) {
    return `store.path: ${store.path} needs keys that keys.dir ${keys.dir} lacks: ${cause.keys.join(', ')}; restore the key files from a backup`
  }
  return `store.path: ${store.path} cannot be opened (${cause instanceof Error ? cause.message : String(cause)})`
}

function openLimits({ auth, limits }: Config, observer: LimitsObserver, now: () => number): DoorLimits {
  if (auth.mode === 'open') return openDoorLimits
  return createDoorLimits({ buckets: createMemoryRateBuckets(), rules: limits.rates, observer, now })
}

function reportKeys(log: Logger): (error: unknown) => void {
  return err => log.error({ err }, 'the signing keys cannot be read anew; those at hand go on')
}
