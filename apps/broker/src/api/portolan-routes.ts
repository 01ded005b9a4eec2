/**
 * Our own routes below `/portolan/v1`: sites, locations, projects, and why a task runs where it runs. The contract is `openapi/portolan-1.yaml`.
 */
import { type Decision, explainDecision, type Snapshot } from '@portolan/federation'
import { parseTask, type TaskLimits } from '@portolan/tes'
import { badRequest, parseJsonBody, sendJson } from '@portolan/tes/server'
import express, { type Request, type Response, type Router } from 'express'
import type { Principal } from '../auth/principal.ts'
import type { ProjectDirectory } from '../auth/project-of.ts'
import type { Placer } from '../reconcile/placer.ts'
import type { Store, WorkRow } from '../stores/store.ts'
import { mayChange } from '../stores/visibility.ts'
import type { Door } from './door.ts'
import { principalOf } from './exchange.ts'
import { showAttempts, showLocations, showProjects, showSites } from './portolan-views.ts'
import { findTaskId } from './read-tasks.ts'
import { Refusal } from './refusal.ts'
import { sendText } from './respond.ts'
import { addRoutes, type Route } from './routes.ts'
import type { SubmissionReader } from './submission.ts'

export interface PortolanRouteParts {
  readonly store: Store
  readonly placer: Placer
  readonly snapshot: () => Snapshot
  readonly projects: ProjectDirectory
  readonly door: Door
  readonly readSubmission: SubmissionReader
  readonly bodyBytes: number
  readonly limits: Partial<TaskLimits>
}

export function createPortolanRouter(parts: PortolanRouteParts): Router {
  const { store, placer, snapshot, projects, door, readSubmission, bodyBytes, limits } = parts
  const router = express.Router({ caseSensitive: true, strict: true })
  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/portolan/v1/sites',
      operation: 'ListSites',
      handle: (_request, response) => show(response, showSites(snapshot())),
    },
    {
      method: 'GET',
      path: '/portolan/v1/locations',
      operation: 'ListLocations',
      handle: (_request, response) => show(response, showLocations(snapshot().locations)),
    },
    {
      method: 'GET',
      path: '/portolan/v1/projects',
      operation: 'ListProjects',
      handle: (request, response) => {
        const principal = principalOf(request)
        show(
          response,
          showProjects(projects.projectsOf(principal), id => store.countUnderWay(principal, id)),
        )
      },
    },
    {
      method: 'POST',
      path: '/portolan/v1/placements',
      operation: 'ExplainPlacement',
      readBody: parseJsonBody(bodyBytes),
      handle: async (request, response) => {
        const principal = principalOf(request)
        const parsed = parseTask(request.body, limits)
        if (!parsed.task) throw badRequest(parsed.problems)
        const { task, project } = readSubmission(principal, parsed.task, request.body)
        showDecision(request, response, await placer.decide(task, project.id))
      },
    },
    {
      method: 'GET',
      path: '/portolan/v1/tasks/:id/placement',
      operation: 'GetPlacement',
      handle: (request, response) => {
        const principal = principalOf(request)
        const work = findTask(store, principal, request)
        const decision = placer.recall(principal, work.id)
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

function findTask(store: Store, principal: Principal, request: Request): WorkRow {
  const asked = String(request.params.id)
  const id = findTaskId(asked)
  const work = id && store.getWork(principal, id)
  if (!work) throw new Refusal('task-unknown')
  return work
}

function show(response: Response, value: object): void {
  sendJson(response, JSON.stringify(value))
}

/** As JSON, or for people where text is preferred. */
function showDecision(request: Request, response: Response, decision: Decision): void {
  if (request.accepts(['json', 'text']) === 'text') sendText(response, `${explainDecision(decision).join('\n')}\n`)
  else show(response, decision)
}
