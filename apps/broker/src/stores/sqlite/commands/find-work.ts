/**
 * What a command must know of a work item before it writes to it.
 */
import { isTerminal } from '@portolan/tes'
import { sql } from 'kysely'
import type { Seen } from '../../visibility.ts'
import { param, prepare, query } from '../statement.ts'
import type { CommandContext } from './context.ts'

export interface FoundWork {
  readonly id: string
  readonly owned: Seen
  readonly state: string
  readonly ended: boolean
  readonly version: number
  readonly cancelRequested: boolean
  /** Its client hung up, and nobody has claimed it since. */
  readonly held: boolean
  readonly unfenced: boolean
  readonly attempted: boolean
}

export type FindWork = (id: string) => FoundWork | undefined

export function prepareFindWork({ db }: CommandContext): FindWork {
  const find = prepare(
    db,
    query
      .selectFrom('work_items')
      .select(select => [
        'issuer',
        'subject',
        'project',
        'visibility',
        'state',
        'version',
        'cancel_requested_at',
        'hold_until',
        select
          .exists(
            select
              .selectFrom('attempts')
              .select('id')
              .whereRef('attempts.work_id', '=', 'work_items.id')
              .where('unfenced', '=', sql.lit(1)),
          )
          .as('unfenced'),
        select.exists(select.selectFrom('attempts').select('id').whereRef('attempts.work_id', '=', 'work_items.id')).as('attempted'),
      ])
      .where('id', '=', param('id'))
      .compile(),
  )
  return id => {
    const row = find.get({ id })
    return (
      row && {
        id,
        owned: { issuer: row.issuer, subject: row.subject, project: row.project, visibility: row.visibility },
        state: row.state,
        ended: isTerminal(row.state),
        version: row.version,
        cancelRequested: row.cancel_requested_at !== null,
        held: row.hold_until !== null,
        unfenced: Boolean(row.unfenced),
        attempted: Boolean(row.attempted),
      }
    )
  }
}
