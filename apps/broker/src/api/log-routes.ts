/**
 * What a task has written: of one that has ended from the store, of one that runs from its site, within the site's budget for that.
 */
import type { Attempt } from '@portolan/federation'
import { isTerminal, TesTaskLog } from '@portolan/tes'
import { sendJson } from '@portolan/tes/server'
import express, { type Router } from 'express'
import type { Principal } from '../auth/principal.ts'
import { type LiveLogs, placeOf, type TailedLog, tailLog } from '../data/live-logs.ts'
import { findStoredCut } from '../reconcile/cap-log.ts'
import type { Store, WorkDocument } from '../stores/store.ts'
import type { LiveLog } from './data-schemas.ts'
import type { Door } from './door.ts'
import { principalOf } from './exchange.ts'
import { findTask } from './find-task.ts'
import { Refusal } from './refusal.ts'
import { addRoutes } from './routes.ts'

export interface LogRouteParts {
  readonly store: Pick<Store, 'getWork' | 'getDocument' | 'getAttempts'>
  readonly liveLogs: LiveLogs
  readonly door: Door
}

const NOTHING: TailedLog = { executors: [], systemLogs: [] }

export function createLogRouter({ store, liveLogs, door }: LogRouteParts): Router {
  const router = express.Router({ caseSensitive: true, strict: true })

  async function show(principal: Principal, document: WorkDocument, signal: AbortSignal): Promise<LiveLog> {
    if (isTerminal(document.state)) return write(document, { live: false }, storedLog(document))
    const attempt = store.getAttempts(principal, document.id).find(({ id }) => id === document.countsAttempt)
    if (attempt?.siteTaskId === undefined || !isAtSite(attempt)) return write(document, { live: false }, NOTHING)
    const answer = await liveLogs.read(attempt.site, attempt.siteTaskId, signal, attempt.linkHosts)
    const seen = answer.outcome === 'seen' ? answer : answer.last
    const about = { ...(seen && { seen_at: new Date(seen.at).toISOString() }), ...(answer.outcome === 'failed' && { why: answer.detail }) }
    return write(document, { live: true, ...about }, seen?.log ?? NOTHING)
  }

  addRoutes(router, door, [
    {
      method: 'GET',
      path: '/portolan/v1/tasks/:id/logs',
      operation: 'GetLogs',
      async handle(request, response) {
        const principal = principalOf(request)
        const document = store.getDocument(principal, findTask(store, principal, request).id)
        if (!document) throw new Refusal('task-unknown')
        const left = new AbortController()
        response.once('close', () => left.abort())
        sendJson(response, JSON.stringify(await show(principal, document, left.signal)))
      },
    },
  ])
  return router
}

/** There is a task at the site, as far as anybody knows. */
function isAtSite({ state }: Attempt): boolean {
  return ['ACCEPTED', 'ACTIVE', 'CANDIDATE', 'STALE', 'LOST', 'SUSPECT'].includes(state)
}

function storedLog({ logText }: WorkDocument): TailedLog {
  if (logText === undefined) return NOTHING
  const log = TesTaskLog.parse(JSON.parse(logText))
  return tailLog(log, text => placeOf(text, findStoredCut(text, log.logs.length)))
}

function write({ id, state, notes }: WorkDocument, about: Pick<LiveLog, 'live' | 'seen_at' | 'why'>, log: TailedLog): LiveLog {
  return {
    task: id,
    state,
    ...about,
    executors: log.executors.map(({ exitCode, ...texts }) => ({ ...(exitCode !== undefined && { exit_code: exitCode }), ...texts })),
    system_logs: [...notes, ...log.systemLogs],
  }
}
