/**
 * `putBlob`: keeps a text once under its digest, and notes for which work item it was put.
 */
import { createHash } from 'node:crypto'
import { encode } from '../../codec.ts'
import type { Command, CommandResults } from '../../store.ts'
import { param, params, prepare, query } from '../statement.ts'
import { type CommandContext, Refusal } from './context.ts'
import type { FindWork } from './find-work.ts'

export function preparePutBlob(
  { db, keys }: CommandContext,
  find: FindWork,
): (command: Extract<Command, { readonly kind: 'putBlob' }>) => CommandResults['putBlob'] {
  const known = prepare(db, query.selectFrom('blobs').select('created_at').where('digest', '=', param('digest')).compile())
  const keep = prepare(
    db,
    query
      .insertInto('blobs')
      .values(params('digest', 'created_at', 'coded', 'issuer', 'subject', 'project'))
      .compile(),
  )
  const use = prepare(
    db,
    query
      .insertInto('blob_uses')
      .values(params('digest', 'work_id', 'issuer', 'subject', 'project'))
      .onConflict(conflict => conflict.doNothing())
      .compile(),
  )
  return ({ principal, text, work: id, now }) => {
    const digest = createHash('sha256').update(text).digest('hex')
    const work = id === undefined ? undefined : find(id)
    if (id !== undefined && !work) throw new Refusal('conflict')
    if (!known.get({ digest })) {
      const { issuer, subject, project = '' } = principal
      keep.run({ digest, created_at: now, coded: encode(keys, `blob:${digest}`, text), issuer, subject, project })
    }
    if (work) use.run({ digest, work_id: work.id, ...work.owned })
    return { digest }
  }
}
