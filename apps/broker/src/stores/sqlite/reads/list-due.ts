/**
 * What the broker has to do: work items that need a decision, and the attempts of one site that are not over.
 */
import type { Attempt, AttemptId, SiteId, WorkId } from '@portolan/federation'
import { sql } from 'kysely'
import type { Principal } from '../../../auth/principal.ts'
import type { WorkRow } from '../../store.ts'
import { ATTEMPT_COLUMNS, toAttempt, toWorkRow, WORK_COLUMNS } from '../rows.ts'
import { param, prepare, query } from '../statement.ts'
import { demandBroker, type ReadContext } from './context.ts'

export interface ListDue {
  listDue(principal: Principal, limit: number, now: number, after?: WorkId): readonly WorkRow[]
  listSiteAttempts(
    principal: Principal,
    site: SiteId,
    now: number,
    limit: number,
    after?: AttemptId,
  ): readonly { readonly attempt: Attempt; readonly work: WorkRow }[]
}

export function prepareListDue({ db, keys }: ReadContext): ListDue {
  const due = prepare(
    db,
    query
      .selectFrom('work_items')
      .select(WORK_COLUMNS)
      .where('needs_decision', '=', sql.lit(1))
      .where('id', '>', param('after'))
      .where(where => where.or([where('hold_until', 'is', null), where('hold_until', '<=', param('now'))]))
      .orderBy('id')
      .limit(param('limit'))
      .compile(),
  )
  const open = query
    .selectFrom('attempts')
    .select(ATTEMPT_COLUMNS)
    .where('site', '=', param('site'))
    .where('open', '=', sql.lit(1))
    .where('id', '>', param('after'))
  const watched = query
    .selectFrom('attempts')
    .select(ATTEMPT_COLUMNS)
    .where('site', '=', param('site'))
    .where('watch_until', '>', param('now'))
    .where('open', '=', sql.lit(0))
    .where('id', '>', param('after'))
  const atSite = prepare(db, open.unionAll(watched).orderBy('id').limit(param('limit')).compile())
  const work = prepare(db, query.selectFrom('work_items').select(WORK_COLUMNS).where('id', '=', param('id')).compile())

  return {
    listDue(principal, limit, now, after) {
      demandBroker(principal)
      return due.all({ limit, now, after: after ?? '' }).map(toWorkRow)
    },
    listSiteAttempts(principal, site, now, limit, after) {
      demandBroker(principal)
      return atSite.all({ site, now, limit, after: after ?? '' }).flatMap(row => {
        const found = work.get({ id: row.work_id })
        return found ? [{ attempt: toAttempt(keys, row), work: toWorkRow(found) }] : []
      })
    },
  }
}
