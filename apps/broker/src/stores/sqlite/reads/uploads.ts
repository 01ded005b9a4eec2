/**
 * Uploads: a person's own, and those whose time is over.
 */
import { type SqlBool, sql } from 'kysely'
import type { UploadStore } from '../../upload-store.ts'
import { isOwner } from '../../visibility.ts'
import { param, prepare, query } from '../statement.ts'
import { toUpload, UPLOAD_COLUMNS } from '../upload-rows.ts'
import { demandBroker, type ReadContext } from './context.ts'

type Reads = Pick<UploadStore, 'getUpload' | 'listUploads' | 'countUploads' | 'listExpiredUploads'>

export function prepareReadUploads(context: ReadContext): Reads {
  return { ...prepareOne(context), ...prepareOwn(context), ...prepareExpired(context) }
}

function prepareOne({ db, keys }: ReadContext): Pick<Reads, 'getUpload'> {
  const one = prepare(db, query.selectFrom('uploads').select(UPLOAD_COLUMNS).where('id', '=', param('id')).compile())
  return {
    getUpload(principal, id) {
      const row = one.get({ id })
      return row && isOwner(principal, row) ? toUpload(keys, row) : undefined
    },
  }
}

/** By one index: what is under way of a person, in the order of its creation. */
function prepareOwn({ db, keys }: ReadContext): Pick<Reads, 'listUploads' | 'countUploads'> {
  const own = query
    .selectFrom('uploads')
    .where('issuer', '=', param('issuer'))
    .where('subject', '=', param('subject'))
    .where('ended_at', 'is', null)
    .where('expires_at', '>', param('now'))
  const page = own
    .select(UPLOAD_COLUMNS)
    .where(sql<SqlBool>`(created_at, id) < (${param('after')}, ${param('afterId')})`)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(param('limit'))
  const all = prepare(db, page.compile())
  const inProject = prepare(db, page.where('project', '=', param('project')).compile())
  const count = prepare(db, own.select(row => row.fn.countAll<number>().as('count')).compile())
  return {
    listUploads({ issuer, subject, project }, { size, after }, now) {
      const values = { issuer, subject, now, after: after?.createdAt ?? Number.MAX_SAFE_INTEGER, afterId: after?.id ?? '', limit: size + 1 }
      const found = project === undefined ? all.all(values) : inProject.all({ ...values, project })
      const rows = found.slice(0, size).map(row => toUpload(keys, row))
      const last = rows.at(-1)
      return { rows, next: found.length > size && last ? { createdAt: last.createdAt, id: last.id } : undefined }
    },
    countUploads: ({ issuer, subject }, now) => count.get({ issuer, subject, now })?.count ?? 0,
  }
}

function prepareExpired({ db, keys }: ReadContext): Pick<Reads, 'listExpiredUploads'> {
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
    listExpiredUploads(principal, now, limit, after) {
      demandBroker(principal)
      const rows = expired.all({ now, limit, after: after?.expiresAt ?? -1, afterId: after?.id ?? '' })
      return rows.map(row => toUpload(keys, row))
    },
  }
}
