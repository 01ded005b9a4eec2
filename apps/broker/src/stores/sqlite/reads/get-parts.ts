/**
 * What belongs to one work item: attempts, outputs, events, kept texts.
 */
import type { Attempt, AttemptId, LocationId, SiteId, SiteTaskId, WorkId } from '@portolan/federation'
import type { Principal } from '../../../auth/principal.ts'
import { decode } from '../../codec.ts'
import type { StoredEvent, StoredOutput } from '../../store.ts'
import { maySee } from '../../visibility.ts'
import { ATTEMPT_COLUMNS, toAttempt } from '../rows.ts'
import { param, prepare, query } from '../statement.ts'
import type { ReadContext } from './context.ts'

export interface GetParts {
  getAttempts(principal: Principal, work: WorkId): readonly Attempt[]
  getOutputs(principal: Principal, work: WorkId): readonly StoredOutput[]
  getEvents(principal: Principal, work: WorkId): readonly StoredEvent[]
  getBlob(principal: Principal, digest: string): string | undefined
  findAttemptBySiteTask(principal: Principal, site: SiteId, siteTaskId: SiteTaskId): Attempt | undefined
}

export function prepareGetParts({ db, keys }: ReadContext): GetParts {
  const owner = prepare(db, query.selectFrom('work_items').select(['issuer', 'subject', 'project']).where('id', '=', param('id')).compile())
  const attempts = prepare(
    db,
    query
      .selectFrom('attempts')
      .select(['issuer', 'subject', 'project', ...ATTEMPT_COLUMNS])
      .where('work_id', '=', param('id'))
      .orderBy('number')
      .compile(),
  )
  const attemptAtSite = prepare(
    db,
    query
      .selectFrom('attempts')
      .select(['issuer', 'subject', 'project', ...ATTEMPT_COLUMNS])
      .where('site', '=', param('site'))
      .where('site_task_id', '=', param('site_task_id'))
      .compile(),
  )
  const outputs = prepare(
    db,
    query
      .selectFrom('outputs')
      .select(['issuer', 'subject', 'project', 'number', 'location', 'size_bytes', 'coded'])
      .where('work_id', '=', param('id'))
      .orderBy('number')
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
  const uses = prepare(
    db,
    query.selectFrom('blob_uses').select(['issuer', 'subject', 'project']).where('digest', '=', param('digest')).compile(),
  )

  return {
    getAttempts: (principal, id) =>
      attempts
        .all({ id })
        .filter(row => maySee(principal, row))
        .map(row => toAttempt(keys, row)),

    findAttemptBySiteTask(principal, site, siteTaskId) {
      const row = attemptAtSite.get({ site, site_task_id: siteTaskId })
      return row && maySee(principal, row) ? toAttempt(keys, row) : undefined
    },

    getOutputs: (principal, id) =>
      outputs
        .all({ id })
        .filter(row => maySee(principal, row))
        .map(row => ({
          ...JSON.parse(decode(keys, `work:${id}:output:${row.number}`, row.coded)),
          sizeBytes: row.size_bytes,
          location: (row.location ?? undefined) as LocationId | undefined,
        })),

    getEvents(principal, id) {
      const owned = owner.get({ id })
      if (!owned || !maySee(principal, owned)) return []
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
      const visible = maySee(principal, row) || uses.all({ digest }).some(use => maySee(principal, use))
      return visible ? decode(keys, `blob:${digest}`, row.coded) : undefined
    },
  }
}
