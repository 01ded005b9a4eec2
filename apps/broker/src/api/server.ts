/**
 * The broker's HTTP server. A request passes the front (URL, mount, the defences of open mode, CORS, access log and metrics), then one Express
 * router with a route for each operation, then, if anything was thrown, one error handler.
 */
import { createServer, type Server } from 'node:http'
import type { LocationId, Snapshot } from '@portolan/federation'
import type { TaskLimits } from '@portolan/tes'
import { createTesRouter, sendProblem } from '@portolan/tes/server'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { createAppRouter } from '../app/app-router.ts'
import type { Authenticator } from '../auth/authenticate.ts'
import type { BodyBudget } from '../auth/limits/body-budget.ts'
import { createAddressReader } from '../auth/limits/client-address.ts'
import { createDearTurns } from '../auth/limits/dear-turns.ts'
import type { DoorLimits } from '../auth/limits/door-limits.ts'
import type { Login } from '../auth/login.ts'
import type { ProjectDirectory } from '../auth/project-of.ts'
import type { Bus } from '../bus/bus.ts'
import type { LiveLogs } from '../data/live-logs.ts'
import type { EventFeed } from '../events/event-feed.ts'
import type { EventObserver } from '../events/observer.ts'
import type { Placer } from '../reconcile/placer.ts'
import type { TaskSight } from '../reconcile/task-sight.ts'
import type { Unanswered } from '../reconcile/unanswered.ts'
import type { Store } from '../stores/store.ts'
import { createAbandonedCreates } from './abandoned-creates.ts'
import { createAccessLog } from './access-log.ts'
import { createAccountRouter } from './account-routes.ts'
import { createAdminAudit } from './admin-audit.ts'
import { createBodyReader } from './body-reader.ts'
import { createBodyWatch } from './body-watch.ts'
import { readContracts, readCreates, readScopes } from './contracts.ts'
import { createTaskCreator } from './create-task.ts'
import { createDoor } from './door.ts'
import { createDrain } from './drain.ts'
import { createDrsRouter } from './drs-routes.ts'
import { createEventRouter } from './event-routes.ts'
import { createEventStreams, STREAM_RULES, type StreamRules } from './event-stream.ts'
import { exchangeOf } from './exchange.ts'
import { adoptPrototypes } from './express-prototypes.ts'
import { describeFailure, type FailureLog } from './fail.ts'
import { createBufferRelease } from './free-buffers.ts'
import { createFront } from './front.ts'
import { createHealthRouter } from './health.ts'
import { createHttpMetrics } from './http-metrics.ts'
import { createLogRouter } from './log-routes.ts'
import { createMetricsDoor } from './metrics-door.ts'
import { createOAuthRouter } from './oauth-routes.ts'
import type { ApiObserver } from './observer.ts'
import { createOutputLinks } from './output-links.ts'
import { createOutputRouter, type OutputAccess } from './output-routes.ts'
import { createPageAudit } from './page-audit.ts'
import { createPageTokens } from './page-token.ts'
import { PATIENCE, type Patience } from './patience.ts'
import { createPortolanRouter } from './portolan-routes.ts'
import type { LocationDetail } from './portolan-views.ts'
import { createProxyNotice, type NoticeLog } from './proxy-notice.ts'
import { createTaskReader } from './read-tasks.ts'
import { createReadiness } from './readiness.ts'
import { Refusal } from './refusal.ts'
import { createRelayPlaces, type RelayPlaces } from './relay-places.ts'
import { supportedParameters } from './service-info.ts'
import { createShortWhy } from './short-why.ts'
import { createSubmissionReader, requireAnyProject } from './submission.ts'
import { createTesHandlers } from './tes-handlers.ts'
import { createUploadRouter, type UploadRouteParts } from './upload-routes.ts'
import { createWorkIds } from './work-id.ts'

export interface ApiParts {
  readonly store: Store
  readonly placer: Placer
  /** What the lines of a task may name. */
  readonly sights: TaskSight
  readonly data: OutputAccess
  readonly bus: Bus
  readonly feed: EventFeed
  readonly liveLogs: LiveLogs
  readonly uploads: UploadRouteParts['uploads']
  readonly observer: ApiObserver & EventObserver
  /** Shared with the reconciler of this process. */
  readonly unanswered: Unanswered
  readonly projects: ProjectDirectory
  readonly authenticator: Authenticator
  /** Undefined in open mode: there are no routes of a login then. */
  readonly login: Login | undefined
  /** What is amiss and keeps nobody from working, one sentence each: logins that cannot be reached. */
  readonly troubles: () => readonly string[]
  readonly doorLimits: DoorLimits
  readonly bodyBudget: BodyBudget
  /** The sites, locations and projects as the next placement would see them. */
  readonly snapshot: () => Snapshot
  readonly locationDetail: (id: LocationId) => LocationDetail
  readonly now: () => number
  readonly log: FailureLog & NoticeLog
  /** Takes whole lines of JSON. */
  readonly accessSink: (lines: string) => void
  /** Further metrics in the text format of Prometheus. */
  readonly renderMetrics: () => string | Promise<string>
  /** Signs page tokens; the same for all replicas and after a restart. */
  readonly pageTokenKey: Uint8Array
  readonly settings: ApiSettings
}

export interface ApiSettings {
  readonly version: string
  readonly publicUrl: () => string
  /** True: no login, and the defences against web pages hold. */
  readonly open: boolean
  readonly corsOrigins: readonly string[]
  /** Whose word counts for the address of a client. */
  readonly trustProxy: boolean | readonly string[]
  /** Addresses and networks. */
  readonly metricsFrom: readonly string[]
  readonly bodyBytes: number
  readonly limits: Partial<TaskLimits>
  /** Default `PATIENCE`. */
  readonly patience?: Patience | undefined
  /** Default `STREAM_RULES`. */
  readonly streams?: Partial<StreamRules> | undefined
}

export interface Api {
  /** Not listening yet. */
  readonly server: Server
  /** The routes of the server, for those who list them. */
  readonly router: Express
  /** Ends the server without breaking an answer; see `createDrain`. */
  drain(deadlineMs: number): Promise<{ readonly cut: number }>
}

export function createApi(parts: ApiParts): Api {
  const { store, snapshot, unanswered, now, log, settings } = parts
  const { patience = PATIENCE } = settings
  // Sites and locations never change while the broker runs.
  const { sites, locations } = snapshot()
  const siteNames = new Map(sites.map(({ site }) => [site.id, site.name]))
  const reportFailure = (err: unknown, requestId: string): void => log.error({ requestId, err }, 'A request failed')
  const report = (err: unknown): void => log.error({ requestId: '', err }, 'A held task could not be changed')
  const metrics = createHttpMetrics()
  const accessLog = createAccessLog(parts.accessSink, now)
  const abandoned = createAbandonedCreates({ store, unanswered, now, report })
  const contracts = readContracts()
  const door = createDoor({
    authenticator: parts.authenticator,
    limits: parts.doorLimits,
    scopes: readScopes(contracts),
    creates: readCreates(contracts),
    audit: createAdminAudit(store, now),
  })
  const notePage = createPageAudit(store, now)
  const limits = { ...settings.limits, outputNames: true }
  const readBody = createBodyReader({
    bodyBytes: settings.bodyBytes,
    budget: parts.bodyBudget,
    turns: settings.open ? undefined : createDearTurns(),
    demandProject: principal => requireAnyProject(parts.projects, principal),
  })
  const notice = createProxyNotice(log)
  let ending = false

  const readSubmission = createSubmissionReader({
    projects: parts.projects,
    now,
    supportedParameters: project => supportedParameters(snapshot(), project),
    paths: { locations, sites: sites.map(({ site }) => site) },
  })
  const app = express()
  app.disable('x-powered-by').disable('etag').set('query parser', false)
  app.use(
    createTesRouter(
      createTesHandlers({
        createTask: createTaskCreator({
          store,
          abandoned,
          unanswered,
          freshness: parts.login?.freshness,
          readSubmission,
          observer: parts.observer,
          nextId: createWorkIds(now),
          now,
          report,
        }),
        reader: createTaskReader({
          store,
          pageTokens: createPageTokens(parts.pageTokenKey),
          notePage,
          siteName: id => siteNames.get(id),
          shortWhy: createShortWhy(parts.placer, parts.sights),
        }),
        store,
        unanswered,
        bus: parts.bus,
        now,
        describe: () => ({ version: settings.version, publicUrl: settings.publicUrl(), snapshot: snapshot(), open: settings.open }),
      }),
      {
        guard: door.guard,
        readBody: readBody(true),
        limits,
        onError: (error, call) => reportFailure(error, call.requestId),
      },
    ),
  )
  const { open } = settings
  const freshness = parts.login?.freshness
  app.use(createPortolanRouter({ ...parts, freshness, open, door, readSubmission, readBody: readBody(false), limits }))
  const rules = streamRules(settings)
  const streams = createEventStreams({
    ...parts,
    judgeAgain: door.judgeAgain,
    rules,
    report: reportFailure,
  })
  app.use(createEventRouter({ ...parts, streams, notePage, door }))
  const { publicUrl, version } = settings
  const links = createOutputLinks({ ...parts.data, store, publicUrl, now })
  const notePassing = createBufferRelease()
  const relaying = { observer: parts.data.observer, notePassing, door, publicUrl, stillMs: patience.bodyMs, judgeMs: rules.judgeMs }
  app.use(createOutputRouter({ ...relaying, links, store, places: createPlaces(settings) }))
  app.use(createDrsRouter({ links, store, door, notePage, version, publicUrl, open: settings.open }))
  app.use(createLogRouter({ ...parts, door }))
  const { pageTokenKey, uploads, projects } = parts
  const uploading = { uploads, projects, freshness, pageTokenKey, places: createPlaces(settings), now }
  app.use(createUploadRouter({ ...relaying, ...uploading, readBody: readBody(true) }))
  app.use(createAccountRouter({ login: parts.login, projects, door, now, pageTokenKey, notePage }))
  app.use(createOAuthRouter({ login: parts.login, limits: parts.doorLimits, door, now }))
  app.use(
    createAppRouter({
      login: parts.login,
      projects: parts.projects,
      limits: parts.doorLimits,
      door,
      publicUrl: settings.publicUrl,
      now,
      log,
    }),
  )
  app.use(
    createHealthRouter({
      door,
      contracts,
      readiness: createReadiness({ store, now, isEnding: () => ending, troubles: () => [...parts.troubles(), ...notice.notes()] }),
      mayReadMetrics: createMetricsDoor(settings.metricsFrom, settings.trustProxy),
      renderMetrics: async () => metrics.render() + (await parts.renderMetrics()),
    }),
  )

  app.use(() => {
    throw new Refusal('route-unknown')
  })
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const problem = describeFailure(error)
    if (problem.status === 500) reportFailure(error, exchangeOf(request).id)
    sendProblem(response, problem)
  })

  const front = createFront({
    open: settings.open,
    corsOrigins: new Set(settings.corsOrigins),
    addressOf: createAddressReader(settings.trustProxy, notice.tell),
    metrics,
    accessLog,
    watchBody: createBodyWatch(patience),
    handle: app,
  })
  const server = createServer(
    {
      ...adoptPrototypes(app),
      headersTimeout: patience.headersMs,
      // Of the server, for all alike: a part of an upload may take longer, so bodies have a watch of their own.
      requestTimeout: 0,
      keepAliveTimeout: patience.idleMs,
      connectionsCheckingInterval: patience.checkMs,
    },
    front,
  )
  const drainer = createDrain(server)
  return {
    server,
    router: app,
    async drain(deadlineMs) {
      ending = true
      streams.end()
      const result = await drainer.drain(deadlineMs)
      abandoned[Symbol.dispose]()
      accessLog.flush()
      return result
    },
  }
}

/** In open mode there is one person, who is not limited. */
function streamRules({ open, streams }: ApiSettings): StreamRules {
  return { ...STREAM_RULES, ...(open && { perPerson: STREAM_RULES.perProcess }), ...streams }
}

/** Bytes that pass at once through this process, in one direction. In open mode one person may have all of it. */
const RELAYS_AT_ONCE = 8

function createPlaces({ open }: ApiSettings): RelayPlaces {
  return createRelayPlaces(RELAYS_AT_ONCE, open ? 1 : undefined)
}
