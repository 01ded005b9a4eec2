/**
 * `noteAdminRead`: what an administrator looks at that is somebody else's stands in its history.
 */
import type { Command, CommandResults } from '../../store.ts'
import { seesAll } from '../../visibility.ts'
import type { AppendEvent } from './append-event.ts'
import type { FindWork } from './find-work.ts'

export function prepareNoteAdminRead(
  find: FindWork,
  append: AppendEvent,
): (command: Extract<Command, { readonly kind: 'noteAdminRead' }>) => CommandResults['noteAdminRead'] {
  return ({ principal, operation, id, page, now }) => {
    if (!seesAll(principal)) return { outcome: 'needless' }
    const work = id === undefined ? undefined : find(id)
    const isOwn = work?.owned.issuer === principal.issuer && work.owned.subject === principal.subject
    if (isOwn || (id !== undefined && !work)) return { outcome: 'needless' }
    const shown = page && { asked: page.asked, ids: page.ids }
    append({ at: now, kind: 'adminRead', actor: principal, work, person: page?.owner, detail: { operation, ...shown } })
    return { outcome: 'noted' }
  }
}
