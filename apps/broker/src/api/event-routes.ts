/**
 * What happens to tasks: as a page, and as a stream for whoever asks for `text/event-stream`. One may see of it what one may see of the tasks.
 */
import type { WorkId } from '@portolan/federation'
import { sendJson } from '@portolan/tes/server'
import express, { type Request, type Response, type Router } from 'express'
import type { Principal } from '../auth/principal.ts'
import type { EventFeed, FedEvent } from '../events/event-feed.ts'
import type { Store } from '../stores/store.ts'
import { seesAll } from '../stores/visibility.ts'
import type { TaskEventList } from './data-schemas.ts'
import type { Door } from './door.ts'
import type { EventStreams } from './event-stream.ts'
import { showEvent } from './event-text.ts'
import { principalOf } from './exchange.ts'
import { findTask } from './find-task.ts'
import type { PageAudit } from './page-audit.ts'
import { readEventRequest } from './read-event-request.ts'
import { addRoutes } from './routes.ts'

export interface EventRouteParts {
  readonly store: Pick<Store, 'getWork'>
  readonly feed: EventFeed
  readonly streams: EventStreams
  readonly notePage: PageAudit
  readonly door: Door
}

type Note = (principal: Principal, events: readonly FedEvent[]) => Promise<unknown> | undefined

/** The tasks whose events a stream has shown to somebody who sees all, and that need no second note. */
const MOST_NOTED = 10_000

export function createEventRouter({ store, feed, streams, notePage, door }: EventRouteParts): Router {
  const router = express.Router({ caseSensitive: true, strict: true })

  /** Who sees all leaves a note of whose tasks a page shows. A look at one task is noted at the door. */
  const notePageOf =
    (after: number): Note =>
    (principal, events) =>
      notePage(principal, 'ListEvents', { asked: { after }, rows: rowsOf(events) })

  /** The same for a stream, each task once. */
  function noteOnce(after: number): Note {
    const noted = new Set<string>()
    return async (principal, events) => {
      if (!seesAll(principal)) return
      const rows = rowsOf(events).filter(({ id }) => !noted.has(id))
      if (rows.length === 0) return
      await notePage(principal, 'ListEvents', { asked: { after }, rows })
      if (noted.size >= MOST_NOTED) noted.clear()
      for (const { id } of rows) noted.add(id)
    }
  }

  async function answer(request: Request, response: Response, task: WorkId | undefined): Promise<void> {
    const principal = principalOf(request)
    const lastId = request.headers['last-event-id']
    const { after, pageSize } = readEventRequest(request.url, Array.isArray(lastId) ? lastId.join() : lastId)
    if (request.method === 'GET' && request.accepts(['json', 'text/event-stream']) === 'text/event-stream') {
      const from = Math.min(after ?? Number.POSITIVE_INFINITY, feed.end())
      // An end, so that the client does not come back for more (WHATWG HTML, section 9.2.2).
      if (task !== undefined && (feed.endOf(principal, task) ?? from + 1) <= from) return void response.status(204).end()
      return streams.open({ request, response, principal, task, after: from, note: task === undefined ? noteOnce(from) : () => undefined })
    }
    const page = await feed.read(principal, task, after ?? 0, pageSize)
    if (task === undefined) await notePageOf(after ?? 0)(principal, page.events)
    const list: TaskEventList = { events: page.events.map(showEvent), after: page.after }
    sendJson(response, JSON.stringify(list))
  }

  addRoutes(router, door, [
    {
      method: 'GET',
      path: '/portolan/v1/events',
      operation: 'ListEvents',
      handle: (request, response) => answer(request, response, undefined),
    },
    {
      method: 'GET',
      path: '/portolan/v1/tasks/:id/events',
      operation: 'ListTaskEvents',
      handle: (request, response) => answer(request, response, findTask(store, principalOf(request), request).id),
    },
  ])
  return router
}

/** Each task once. */
function rowsOf(events: readonly FedEvent[]) {
  return [...new Map(events.map(({ task, owner }) => [task, { id: task, owner }])).values()]
}
