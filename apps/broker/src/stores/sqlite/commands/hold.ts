/**
 * `hold`: keeps a work item from being submitted for a while, or ends that.
 */
import type { Command, CommandResults } from '../../store.ts'
import { mayChange } from '../../visibility.ts'
import { param, prepare, query } from '../statement.ts'
import { type CommandContext, Refusal } from './context.ts'
import type { FindWork } from './find-work.ts'

export function prepareHold(
  { db }: CommandContext,
  find: FindWork,
): (command: Extract<Command, { readonly kind: 'hold' }>) => CommandResults['hold'] {
  const hold = prepare(
    db,
    query
      .updateTable('work_items')
      .set({ hold_until: param('until') })
      .where('id', '=', param('id'))
      .compile(),
  )
  return ({ principal, id, until }) => {
    const work = find(id)
    if (!work || !mayChange(principal, work.owned) || work.ended || work.cancelRequested || work.attempted) throw new Refusal('conflict')
    hold.run({ id, until: until === 0 ? null : until })
    return { outcome: 'done' }
  }
}
