/**
 * What a task has left, below `/portolan/v1/tasks/{id}/outputs`: the list, a link to one output, and its bytes where a person cannot reach the store.
 * The contract is `openapi/portolan-1.yaml`.
 */
import type { WorkId } from '@portolan/federation'
import { isTerminal, type TesTask } from '@portolan/tes'
import { sendJson } from '@portolan/tes/server'
import express, { type Request, type Response, type Router } from 'express'
import type { Principal } from '../auth/principal.ts'
import type { DataObserver } from '../data/observer.ts'
import type { Store } from '../stores/store.ts'
import type { OutputLink, OutputList } from './data-schemas.ts'
import type { Door } from './door.ts'
import { drsIdOf, drsUriOf, isObject } from './drs-views.ts'
import { principalOf } from './exchange.ts'
import { findTask, mayHave } from './find-output.ts'
import type { NotePassing } from './free-buffers.ts'
import type { OutputLinkPorts, OutputLinks } from './output-links.ts'
import { showDeclared, showOutput } from './output-views.ts'
import { readListRequest } from './read-account-request.ts'
import { Refusal } from './refusal.ts'
import { createRelay } from './relay-output.ts'
import type { RelayPlaces } from './relay-places.ts'
import { addRoutes } from './routes.ts'

/** What the API needs of the declared locations. */
export interface OutputAccess extends Pick<OutputLinkPorts, 'locations' | 'stores' | 'links'> {
  readonly observer: Pick<DataObserver, 'relayed'>
}

export interface OutputRouteParts {
  readonly links: OutputLinks
  readonly observer: OutputAccess['observer']
  readonly notePassing: NotePassing
  readonly store: Store
  readonly door: Door
  readonly publicUrl: () => string
  readonly places: RelayPlaces
  /** How long a client may take nothing, and how often it is looked whether they still may have it, ms. */
  readonly stillMs: number
  readonly judgeMs: number
}

/** What the network keeps on its way is taken in leaps: a slow line is judged over so many times as long as one that brings bytes. */
const LEAPS = 4

export function createOutputRouter(parts: OutputRouteParts): Router {
  const { links, store, door, publicUrl, stillMs } = parts
  const relay = createRelay({ ...parts, paceMs: LEAPS * stillMs })
  const router = express.Router({ caseSensitive: true, strict: true })

  function list(principal: Principal, request: Request): OutputList {
    const work = findTask(store, principal, String(request.params.id))
    const { pageSize, pageToken = '0' } = readListRequest(request.url)
    if (!/^\d{1,6}$/.test(pageToken)) throw new Refusal('bad-page-token')
    const from = Number(pageToken)
    const measured = isTerminal(work.state)
    const mine = mayHave(store, principal, work)
    const shown = measured
      ? store.getOutputs(principal, work.id, from, pageSize + 1).map(output => {
          const drs = isObject(output) ? drsUriOf(publicUrl(), drsIdOf(work.id, output.number)) : undefined
          return showOutput(output, links.deliver(output), mine, drs)
        })
      : readDeclared(store, principal, work.id).slice(from, from + pageSize + 1)
    return {
      task: work.id,
      state: work.state,
      measured,
      outputs: shown.slice(0, pageSize),
      next_page_token: shown.length > pageSize ? String(from + pageSize) : undefined,
    }
  }

  addRoutes(router, door, [
    {
      method: 'GET',
      path: '/portolan/v1/tasks/:id/outputs',
      operation: 'ListOutputs',
      handle: (request, response) => show(response, list(principalOf(request), request)),
    },
    {
      method: 'POST',
      path: '/portolan/v1/tasks/:id/outputs/:number/link',
      operation: 'CreateOutputLink',
      handle: async (request, response) => {
        const { id, number } = request.params
        const made = await links.make(principalOf(request), String(id), String(number), links.signalOf(response))
        response.statusCode = 201
        show(response, made)
      },
    },
    {
      method: 'GET',
      path: '/portolan/v1/tasks/:id/outputs/:number/bytes',
      operation: 'GetOutputBytes',
      handle: (request, response) => {
        const { id, number } = request.params
        const principal = principalOf(request)
        const found = links.find(principal, String(id), String(number))
        if (found.delivery === 'direct')
          throw new Refusal('bytes-stay', 'Its bytes do not pass through this broker: ask for a link to it', { fix: '' })
        const { issuer, subject } = principal
        const mayStill = async (): Promise<boolean> => {
          const now = await door.judgeAgain(request)
          return now !== undefined && links.find(now, String(id), String(number)).delivery === 'relay'
        }
        return relay(request, response, found, { issuer, subject, mayStill })
      },
    },
  ])
  return router
}

function readDeclared(store: Store, principal: Principal, id: WorkId): ReturnType<typeof showDeclared>[] {
  const task: Pick<TesTask, 'outputs'> = JSON.parse(store.getDocument(principal, id)?.documentText ?? '{}')
  return (task.outputs ?? []).map(showDeclared)
}

function show(response: Response, value: OutputList | OutputLink): void {
  sendJson(response, JSON.stringify(value))
}
