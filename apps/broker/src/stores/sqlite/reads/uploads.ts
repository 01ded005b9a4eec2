/**
 * Uploads: one of a person's own, and those whose time is over.
 */
import { type SqlBool, sql } from 'kysely'
import type { UploadStore } from '../../upload-store.ts'
import { isOwner } from '../../visibility.ts'
import { param, prepare, query } from '../statement.ts'
import { toUpload, UPLOAD_COLUMNS } from '../upload-rows.ts'
import { demandBroker, type ReadContext } from './context.ts'

export function prepareReadUploads({ db, keys }: ReadContext): Pick<UploadStore, 'getUpload' | 'listExpiredUploads'> {
  const one = prepare(db, query.selectFrom('uploads').select(UPLOAD_COLUMNS).where('id', '=', param('id')).compile())
  const expired = prepare(
    db,
    query
      .selectFrom('uploads')
      .select(UPLOAD_COLUMNS)
      .where('ended_at', 'is', null)
      .where('expires_at', '<=', param('now'))
      .where(sql<SqlBool>`(expires_at, id) > (${param('after')}, ${param('afterId')})`)
      .orderBy('expires_at')
      .orderBy('id')
      .limit(param('limit'))
      .compile(),
  )
  return {
    getUpload(principal, id) {
      const row = one.get({ id })
      return row && isOwner(principal, row) ? toUpload(keys, row) : undefined
    },
    listExpiredUploads(principal, now, limit, after) {
      demandBroker(principal)
      const rows = expired.all({ now, limit, after: after?.expiresAt ?? -1, afterId: after?.id ?? '' })
      return rows.map(row => toUpload(keys, row))
    },
  }
}
