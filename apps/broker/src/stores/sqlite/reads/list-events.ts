/**
 * Events by their numbers, each with the task that it is about, as it is now.
 */
import type { AttemptId, SiteId, WorkId } from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import type { EventReads, EventSlice, NumberedEvent } from '../../event-reads.ts'
import { param, prepare, query } from '../statement.ts'
import { demandBroker, type ReadContext } from './context.ts'

const COLUMNS = [
  'events.number',
  'events.at',
  'events.kind',
  'events.work_id',
  'events.attempt_id',
  'events.site',
  'work_items.kind as work_kind',
  'work_items.issuer',
  'work_items.subject',
  'work_items.project',
  'work_items.visibility',
  'work_items.state',
] as const

interface Row {
  readonly number: number | null
  readonly at: number
  readonly kind: string
  readonly work_id: string | null
  readonly attempt_id: string | null
  readonly site: string | null
  readonly work_kind: string | null
  readonly issuer: string | null
  readonly subject: string | null
  readonly project: string | null
  readonly visibility: string | null
  readonly state: string | null
}

export function prepareListEvents({ db }: ReadContext): EventReads {
  const newest = prepare(
    db,
    query.selectFrom('events').select('number').where('number', 'is not', null).orderBy('number', 'desc').limit(1).compile(),
  )
  const behind = prepare(
    db,
    query
      .selectFrom('events')
      .leftJoin('work_items', 'work_items.id', 'events.work_id')
      .select(COLUMNS)
      .where('events.number', '>', param('after'))
      .orderBy('events.number')
      .limit(param('limit'))
      .compile(),
  )
  // By their ids, which the numbers follow: the index of a task's events has them in that order.
  const behindOf = prepare(
    db,
    query
      .selectFrom('events')
      .innerJoin('work_items', 'work_items.id', 'events.work_id')
      .select(COLUMNS)
      .where('events.work_id', '=', param('work'))
      .where('events.number', '>', param('after'))
      .orderBy('events.id')
      .limit(param('limit'))
      .compile(),
  )
  const ended = prepare(
    db,
    query
      .selectFrom('events')
      .select('number')
      .where('work_id', '=', param('work'))
      .where('kind', '=', 'ended')
      .orderBy('id', 'desc')
      .limit(1)
      .compile(),
  )

  return {
    lastEventNumber(principal) {
      demandBroker(principal)
      return newest.get({})?.number ?? 0
    },
    listEvents(principal, after, limit) {
      demandBroker(principal)
      return sliceOf(behind.all({ after, limit }), after)
    },
    listEventsOf(principal, work, after, limit) {
      demandBroker(principal)
      return sliceOf(behindOf.all({ work, after, limit }), after)
    },
    endNumberOf(principal, work) {
      demandBroker(principal)
      return ended.get({ work })?.number ?? undefined
    },
  }
}

function sliceOf(rows: readonly Row[], after: number): EventSlice {
  return { events: rows.flatMap(row => toEvent(row) ?? []), after: rows.at(-1)?.number ?? after }
}

/** The ids and states in a row are those that a command has written. */
function toEvent({ number, work_id, work_kind, issuer, subject, project, visibility, state, ...row }: Row): NumberedEvent | undefined {
  if (number === null || work_id === null || work_kind !== 'task') return undefined
  if (issuer === null || subject === null || project === null || visibility === null || state === null) return undefined
  return {
    number,
    at: row.at,
    kind: row.kind,
    work: work_id as WorkId,
    attempt: (row.attempt_id ?? undefined) as AttemptId | undefined,
    site: (row.site ?? undefined) as SiteId | undefined,
    state: state as TesState,
    seen: { issuer, subject, project, visibility },
  }
}
