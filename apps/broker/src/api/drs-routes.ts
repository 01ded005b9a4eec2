/**
 * The Data Repository Service 1.5, read side: every output of a task that has ended, and whose version is known, is an object. Who may see the task sees
 * it; who may have the bytes gets a link by its way `link`. The contract is `openapi/drs-1.5.yaml`.
 */

import type { LocationId } from '@portolan/federation'
import type { AccessURL, BulkAccessURL, DrsObject } from '@portolan/ga4gh/drs'
import { isTerminal } from '@portolan/tes'
import { type HttpProblem, HttpProblem as Problem, parseJsonBody, sendJson } from '@portolan/tes/server'
import express, { type Request, type Response, type Router } from 'express'
import type { Principal } from '../auth/principal.ts'
import type { Store, WorkRow } from '../stores/store.ts'
import type { Door } from './door.ts'
import { readAccessIds, readObjectIds, showAuthorizations } from './drs-requests.ts'
import { describeDrs, drsIdOf, isObject, LINK_ACCESS, parseDrsId, showObject } from './drs-views.ts'
import { principalOf } from './exchange.ts'
import type { OutputLinks } from './output-links.ts'
import type { PageAudit } from './page-audit.ts'
import { Refusal } from './refusal.ts'
import { addRoutes } from './routes.ts'

export interface DrsRouteParts {
  readonly links: OutputLinks
  readonly store: Store
  readonly door: Door
  readonly notePage: PageAudit
  readonly version: string
  readonly publicUrl: () => string
  /** True: no login. */
  readonly open: boolean
}

const BASE = '/ga4gh/drs/v1'
/** Far more than so many ids can hold. */
const BODY_BYTES = 64 * 1024
/** Links of one bulk request that are made at once: each asks a store. */
const LINKS_AT_ONCE = 8

interface FoundObject {
  readonly object: DrsObject
  readonly work: WorkRow
}

export function createDrsRouter({ links, store, door, notePage, version, publicUrl, open }: DrsRouteParts): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  const readBody = parseJsonBody(BODY_BYTES)

  /** Throws 404 for what there is not, what they may not see, and what is no object yet, without telling these apart. */
  function find(principal: Principal, asked: string): FoundObject {
    const id = parseDrsId(asked)
    const work = id && store.getWork(principal, id.work)
    if (id === undefined || work?.kind !== 'task' || !isTerminal(work.state)) throw new Refusal('object-unknown')
    const [output] = store.getOutputs(principal, work.id, id.number, 1)
    if (output?.number !== id.number || !isObject(output)) throw new Refusal('object-unknown')
    const object = showObject(output, {
      id: drsIdOf(work.id, id.number),
      publicUrl: publicUrl(),
      endedAt: work.endedAt ?? work.createdAt,
      server: serverOf(output.location),
      handsOut: links.deliver(output).delivery !== 'none',
    })
    return { object, work }
  }

  const serverOf = (location: LocationId | undefined) => (location === undefined ? undefined : links.serverOf(location))

  async function access(principal: Principal, asked: string, way: string, signal: AbortSignal): Promise<AccessURL> {
    const { id } = find(principal, asked).object
    if (way !== LINK_ACCESS) throw new Refusal('object-unknown', `The object ${id} has no way of this name`)
    const [task = '', number = ''] = id.split('.')
    return { url: (await links.make(principal, task, number, signal)).url }
  }

  const answerObject = (request: Request, response: Response): void =>
    sendJson(response, JSON.stringify(find(principalOf(request), String(request.params.object_id)).object))

  const answerAccess = async (request: Request, response: Response): Promise<void> => {
    const { object_id, access_id } = request.params
    sendJson(response, JSON.stringify(await access(principalOf(request), String(object_id), String(access_id), links.signalOf(response))))
  }

  addRoutes(router, door, [
    {
      method: 'GET',
      path: `${BASE}/service-info`,
      operation: 'GetServiceInfo',
      handle: (_, response) => sendJson(response, JSON.stringify(describeDrs(version, publicUrl()))),
    },
    {
      method: 'OPTIONS',
      path: `${BASE}/objects`,
      operation: 'OptionsBulkObject',
      readBody,
      handle: (request, response) => {
        const ids = readObjectIds(request.body)
        sendJson(
          response,
          JSON.stringify(
            gather(
              ids,
              ids.map(id => showAuthorizations(id, open)),
              'resolved_drs_object',
            ),
          ),
        )
      },
    },
    {
      method: 'POST',
      path: `${BASE}/objects`,
      operation: 'GetBulkObjects',
      readBody,
      handle: async (request, response) => {
        const principal = principalOf(request)
        const ids = readObjectIds(request.body)
        const found = ids.map(id => attempt(() => find(principal, id)))
        const rows = found.flatMap(one => (one instanceof Problem ? [] : [one.work]))
        await notePage(principal, 'GetBulkObjects', { asked: {}, rows })
        const objects = found.map(one => (one instanceof Problem ? one : one.object))
        sendJson(response, JSON.stringify(gather(ids, objects, 'resolved_drs_object')))
      },
    },
    {
      method: 'POST',
      path: `${BASE}/objects/access`,
      operation: 'GetBulkAccessURL',
      readBody,
      handle: async (request, response) => {
        const principal = principalOf(request)
        const asked = readAccessIds(request.body)
        await door.spend(request, asked.length - 1)
        const signal = links.signalOf(response)
        const made: (BulkAccessURL | HttpProblem)[] = []
        for (let from = 0; from < asked.length; from += LINKS_AT_ONCE) {
          const some = asked.slice(from, from + LINKS_AT_ONCE).map(async ({ id, access: way }) => {
            const answer = await access(principal, id, way, signal).catch(problemOf)
            return answer instanceof Problem ? answer : { drs_object_id: id, drs_access_id: way, ...answer }
          })
          made.push(...(await Promise.all(some)))
        }
        const ids = asked.map(({ id }) => id)
        sendJson(response, JSON.stringify(gather(ids, made, 'resolved_drs_object_access_urls')))
      },
    },
    {
      method: 'OPTIONS',
      path: `${BASE}/objects/:object_id`,
      operation: 'OptionsObject',
      handle: (request, response) => sendJson(response, JSON.stringify(showAuthorizations(String(request.params.object_id), open))),
    },
    { method: 'GET', path: `${BASE}/objects/:object_id`, operation: 'GetObject', handle: answerObject },
    { method: 'POST', path: `${BASE}/objects/:object_id`, operation: 'PostObject', handle: answerObject },
    { method: 'GET', path: `${BASE}/objects/:object_id/access/:access_id`, operation: 'GetAccessURL', handle: answerAccess },
    { method: 'POST', path: `${BASE}/objects/:object_id/access/:access_id`, operation: 'PostAccessURL', handle: answerAccess },
  ])
  return router
}

/** What was found, and by the status of each what was not. */
function gather<T extends object>(ids: readonly string[], found: readonly (T | HttpProblem)[], key: string): object {
  const failures = found.flatMap((one, at) => (one instanceof Problem ? [{ status: one.status, id: ids[at] ?? '' }] : []))
  const byStatus = Map.groupBy(failures, ({ status }) => status)
  return {
    summary: { requested: ids.length, resolved: ids.length - failures.length, unresolved: failures.length },
    [key]: found.filter(one => !(one instanceof Problem)),
    ...(failures.length > 0 && {
      unresolved_drs_objects: [...byStatus].map(([error_code, some]) => ({ error_code, object_ids: some.map(({ id }) => id) })),
    }),
  }
}

function attempt<T>(act: () => T): T | HttpProblem {
  try {
    return act()
  } catch (error) {
    return problemOf(error)
  }
}

/** Throws what is no refusal. */
function problemOf(error: unknown): HttpProblem {
  if (error instanceof Problem) return error
  throw error
}
