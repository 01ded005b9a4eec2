/**
 * `requestCancel`: the owner wants the work item to end. From this commit on no attempt of it starts (invariant I5).
 */
import type { Command, CommandResults } from '../../store.ts'
import { mayChange, maySee } from '../../visibility.ts'
import { param, prepare, query } from '../statement.ts'
import type { AppendEvent } from './append-event.ts'
import type { CommandContext } from './context.ts'
import type { FindWork } from './find-work.ts'

export function prepareRequestCancel(
  { db }: CommandContext,
  find: FindWork,
  append: AppendEvent,
): (command: Extract<Command, { readonly kind: 'requestCancel' }>) => CommandResults['requestCancel'] {
  const request = prepare(
    db,
    query
      .updateTable('work_items')
      .set(({ eb }) => ({ cancel_requested_at: param('now'), version: eb('version', '+', 1) }))
      .where('id', '=', param('id'))
      .compile(),
  )
  return ({ principal, id, now }) => {
    const work = find(id)
    if (!work || !maySee(principal, work.owned)) return { outcome: 'notFound' }
    if (!mayChange(principal, work.owned)) return { outcome: 'notOwner' }
    if (work.ended) return { outcome: 'alreadyEnded' }
    if (work.cancelRequested) return { outcome: 'alreadyRequested' }
    request.run({ id, now })
    append({ at: now, kind: 'cancelRequested', actor: principal, work })
    return { outcome: 'requested' }
  }
}
