/**
 * What belongs to one work item: attempts, outputs, events, kept texts.
 */

import type { Attempt, AttemptId, LocationId, ProjectId, SiteId, SiteTaskId, WorkId } from '@portolan/federation'
import { sql } from 'kysely'
import type { Principal } from '../../../auth/principal.ts'
import { decode } from '../../codec.ts'
import type { StoredEvent, StoredOutput } from '../../store.ts'
import { maySee, maySeeUse } from '../../visibility.ts'
import { ATTEMPT_COLUMNS, toAttempt } from '../rows.ts'
import { param, prepare, query } from '../statement.ts'
import type { ReadContext } from './context.ts'

export interface GetParts {
  getAttempts(principal: Principal, work: WorkId): readonly Attempt[]
  getOutputs(principal: Principal, work: WorkId, from: number, limit: number): readonly StoredOutput[]
  getEvents(principal: Principal, work: WorkId): readonly StoredEvent[]
  getBlob(principal: Principal, digest: string): string | undefined
  countUnderWay(principal: Principal, project: ProjectId): number
  findAttemptBySiteTask(principal: Principal, site: SiteId, siteTaskId: SiteTaskId): Attempt | undefined
}

export function prepareGetParts({ db, keys }: ReadContext): GetParts {
  const work = prepare(
    db,
    query.selectFrom('work_items').select(['issuer', 'subject', 'project', 'visibility']).where('id', '=', param('id')).compile(),
  )
  const seen = (principal: Principal, id: string): boolean => {
    const row = work.get({ id })
    return row !== undefined && maySee(principal, row)
  }
  const attempts = prepare(
    db,
    query.selectFrom('attempts').select(ATTEMPT_COLUMNS).where('work_id', '=', param('id')).orderBy('number').compile(),
  )
  const attemptAtSite = prepare(
    db,
    query
      .selectFrom('attempts')
      .select(ATTEMPT_COLUMNS)
      .where('site', '=', param('site'))
      .where('site_task_id', '=', param('site_task_id'))
      .compile(),
  )
  const underWay = prepare(
    db,
    query
      .selectFrom('attempts')
      .select(count => count.fn.countAll<number>().as('count'))
      .where('project', '=', param('project'))
      .where('unfenced', '=', sql.lit(1))
      .compile(),
  )
  const outputs = prepare(
    db,
    query
      .selectFrom('outputs')
      .select(['number', 'location', 'size_bytes', 'coded'])
      .where('work_id', '=', param('id'))
      .where('number', '>=', param('from'))
      .orderBy('number')
      .limit(param('limit'))
      .compile(),
  )
  const events = prepare(
    db,
    query
      .selectFrom('events')
      .select(['number', 'at', 'attempt_id', 'site', 'kind', 'detail'])
      .where('work_id', '=', param('id'))
      .orderBy('id')
      .compile(),
  )
  const blob = prepare(
    db,
    query.selectFrom('blobs').select(['issuer', 'subject', 'project', 'coded']).where('digest', '=', param('digest')).compile(),
  )
  const uses = prepare(db, query.selectFrom('blob_uses').select('work_id').where('digest', '=', param('digest')).compile())

  return {
    getAttempts: (principal, id) => (seen(principal, id) ? attempts.all({ id }).map(row => toAttempt(keys, row)) : []),

    findAttemptBySiteTask(principal, site, siteTaskId) {
      const row = attemptAtSite.get({ site, site_task_id: siteTaskId })
      return row && seen(principal, row.work_id) ? toAttempt(keys, row) : undefined
    },

    countUnderWay: (principal, project) => (maySeeUse(principal, project) ? (underWay.get({ project })?.count ?? 0) : 0),

    getOutputs(principal, id, from, limit) {
      if (!seen(principal, id)) return []
      return outputs.all({ id, from, limit }).map(row => ({
        ...JSON.parse(decode(keys, `work:${id}:output:${row.number}`, row.coded)),
        number: row.number,
        sizeBytes: row.size_bytes === '' ? undefined : row.size_bytes,
        location: (row.location ?? undefined) as LocationId | undefined,
      }))
    },

    getEvents(principal, id) {
      if (!seen(principal, id)) return []
      return events.all({ id }).map(row => ({
        number: row.number ?? undefined,
        at: row.at,
        work: id,
        attempt: (row.attempt_id ?? undefined) as AttemptId | undefined,
        site: (row.site ?? undefined) as SiteId | undefined,
        kind: row.kind,
        detailText: row.detail ? decode(keys, `event:${row.attempt_id ?? id}:${row.kind}`, row.detail) : undefined,
      }))
    },

    getBlob(principal, digest) {
      const row = blob.get({ digest })
      if (!row) return undefined
      // A text belongs to who put it there first, and to whoever may see a work item that it was put for.
      const visible = maySee(principal, { ...row, visibility: 'owner' }) || uses.all({ digest }).some(use => seen(principal, use.work_id))
      return visible ? decode(keys, `blob:${digest}`, row.coded) : undefined
    },
  }
}
