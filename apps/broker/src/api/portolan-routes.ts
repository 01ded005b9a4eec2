/**
 * Our own routes below `/portolan/v1`: sites, locations, projects, and why a task runs where it runs. The contract is `openapi/portolan-1.yaml`.
 */
import { type Decision, explainDecision, type LocationId, type Sight, type Snapshot } from '@portolan/federation'
import { parseTask, type TaskLimits } from '@portolan/tes'
import { badRequest, sendJson } from '@portolan/tes/server'
import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import type { Freshness } from '../auth/login.ts'
import type { Principal } from '../auth/principal.ts'
import { isOver, type ProjectDirectory, type ProjectEntry } from '../auth/project-of.ts'
import { DRY_RUN, type Placer } from '../reconcile/placer.ts'
import type { Store } from '../stores/store.ts'
import { mayChange, seesAll } from '../stores/visibility.ts'
import type { Door } from './door.ts'
import { principalOf } from './exchange.ts'
import { type FederationSight, narrowSight } from './federation-sight.ts'
import { findTask } from './find-task.ts'
import { homeOutputs } from './home-outputs.ts'
import type { ProjectList } from './portolan-schemas.ts'
import { type LocationDetail, showAttempts, showLocations, showProjects, showSites } from './portolan-views.ts'
import { Refusal } from './refusal.ts'
import { requireFresh } from './require-fresh.ts'
import { sendText } from './respond.ts'
import { addRoutes, type Route } from './routes.ts'
import type { SubmissionReader } from './submission.ts'

export interface PortolanRouteParts {
  readonly store: Store
  readonly placer: Placer
  readonly snapshot: () => Snapshot
  readonly locationDetail: (id: LocationId) => LocationDetail
  readonly projects: ProjectDirectory
  /** Absent: nobody logs in. */
  readonly freshness: Freshness | undefined
  /** True: there is one person, who may see all. */
  readonly open: boolean
  readonly now: () => number
  readonly door: Door
  readonly readSubmission: SubmissionReader
  /** Of a dry run. */
  readonly readBody: RequestHandler
  readonly limits: Partial<TaskLimits>
}

export function createPortolanRouter(parts: PortolanRouteParts): Router {
  const { store, placer, snapshot, locationDetail, projects, freshness, open, now, door, readSubmission, readBody, limits } = parts
  const router = express.Router({ caseSensitive: true, strict: true })

  /** What somebody is in, by what is known: nobody waits for their login. `stale`: why what it said counts no more. */
  function look(asking: Principal): { readonly principal: Principal; readonly own: readonly ProjectEntry[]; readonly stale?: string } {
    const looked = freshness === undefined ? asking : freshness.look(asking)
    if ('stale' in looked) return { principal: asking, own: projects.projectsOf(asking), stale: looked.says }
    return { principal: looked, own: projects.projectsOf(looked) }
  }

  /** Who is in nothing because what their login said is too old hears that, or waits for it. */
  async function listOwn(asking: Principal): Promise<ProjectList> {
    const known = look(asking)
    const principal = known.stale !== undefined && known.own.length === 0 ? await requireFresh(freshness, asking) : known.principal
    return showProjects(projects.projectsOf(principal), id => store.countUnderWay(principal, id))
  }

  /** What of a decision they are shown; undefined: all. */
  function decisionSight(asking: Principal): Sight | undefined {
    if (open || seesAll(asking)) return undefined
    const { sites, locations } = seenBy(asking)
    return { sites: new Set(sites.map(({ site }) => site.id)), locations: new Set(locations.map(({ id }) => id)) }
  }

  function seenBy(asking: Principal): FederationSight {
    const picture = snapshot()
    if (open || seesAll(asking)) return picture
    const { own, stale } = look(asking)
    return narrowSight(
      picture,
      own.filter(entry => !isOver(entry, now())),
      stale,
    )
  }

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/portolan/v1/sites',
      operation: 'ListSites',
      handle: (request, response) => show(response, showSites(seenBy(principalOf(request)))),
    },
    {
      method: 'GET',
      path: '/portolan/v1/locations',
      operation: 'ListLocations',
      handle: (request, response) => show(response, showLocations(seenBy(principalOf(request)), locationDetail)),
    },
    {
      method: 'GET',
      path: '/portolan/v1/projects',
      operation: 'ListProjects',
      handle: async (request, response) => show(response, await listOwn(principalOf(request))),
    },
    {
      method: 'POST',
      path: '/portolan/v1/placements',
      operation: 'ExplainPlacement',
      readBody,
      handle: async (request, response) => {
        const principal = principalOf(request)
        const parsed = parseTask(request.body, limits)
        if (!parsed.task) throw badRequest(parsed.problems)
        const fresh = await requireFresh(freshness, principal)
        const { task, project } = readSubmission(fresh, parsed.task, request.body)
        showDecision(request, response, await placer.decide(homeOutputs(task, project, DRY_RUN).task, project.id, decisionSight(fresh)))
      },
    },
    {
      method: 'GET',
      path: '/portolan/v1/tasks/:id/placement',
      operation: 'GetPlacement',
      handle: (request, response) => {
        const principal = principalOf(request)
        const work = findTask(store, principal, request)
        const decision = placer.recall(principal, work.id, () => decisionSight(principal))
        if (!decision) throw new Refusal('decision-unknown', `No site has been considered for the task ${work.id} yet`)
        showDecision(request, response, decision)
      },
    },
    {
      method: 'GET',
      path: '/portolan/v1/tasks/:id/attempts',
      operation: 'ListAttempts',
      handle: (request, response) => {
        const principal = principalOf(request)
        const work = findTask(store, principal, request)
        show(response, showAttempts(store.getAttempts(principal, work.id), mayChange(principal, { ...work.owner, project: work.project })))
      },
    },
  ]
  addRoutes(router, door, routes)
  return router
}

function show(response: Response, value: object): void {
  sendJson(response, JSON.stringify(value))
}

/** As JSON, or for people where text is preferred. */
function showDecision(request: Request, response: Response, decision: Decision): void {
  if (request.accepts(['json', 'text']) === 'text') sendText(response, `${explainDecision(decision).join('\n')}\n`)
  else show(response, decision)
}
