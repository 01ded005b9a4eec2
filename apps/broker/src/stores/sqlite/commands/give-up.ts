/**
 * `giveUp`: nobody has come for what a client left behind. It ends like a cancelled work item, and no longer stands for its idempotency key: a
 * client that comes back later gets a new one.
 */
import type { Command, CommandResults } from '../../store.ts'
import { param, prepare, query } from '../statement.ts'
import type { AppendEvent } from './append-event.ts'
import { type CommandContext, Refusal } from './context.ts'
import type { FindWork } from './find-work.ts'

export function prepareGiveUp(
  { db }: CommandContext,
  find: FindWork,
  append: AppendEvent,
): (command: Extract<Command, { readonly kind: 'giveUp' }>) => CommandResults['giveUp'] {
  const giveUp = prepare(
    db,
    query
      .updateTable('work_items')
      .set(({ eb }) => ({ cancel_requested_at: param('now'), idempotency_key_hash: null, version: eb('version', '+', 1) }))
      .where('id', '=', param('id'))
      .compile(),
  )
  return ({ principal, id, held, now }) => {
    const work = find(id)
    if (!work || work.ended || work.cancelRequested || (held && !work.held)) throw new Refusal('conflict')
    giveUp.run({ id, now })
    append({ at: now, kind: 'cancelRequested', actor: principal, work, detail: { unclaimed: true } })
    return { outcome: 'requested' }
  }
}
