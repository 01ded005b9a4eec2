/**
 * `createUpload`, `endUpload` and `sweepUploads`: an upload from its begin to its end, and away.
 */
import { sql } from 'kysely'
import { encode } from '../../codec.ts'
import type { UploadCommand, UploadResults } from '../../upload-store.ts'
import { isOwner } from '../../visibility.ts'
import { param, params, prepare, query } from '../statement.ts'
import { codedUploadName } from '../upload-rows.ts'
import { type AppendEvent, prepareAppendEvent } from './append-event.ts'
import { type CommandContext, prepareSavepoint } from './context.ts'

type Kind = UploadCommand['kind']
type CommandOf<K extends Kind> = Extract<UploadCommand, { readonly kind: K }>
type Run<K extends Kind> = (command: CommandOf<K>) => UploadResults[K]

const KINDS: readonly Kind[] = ['createUpload', 'endUpload', 'sweepUploads']

export interface RunUploadCommand {
  isOne(command: { readonly kind: string }): command is UploadCommand
  run(command: UploadCommand): UploadResults[Kind]
}

export function prepareUploadCommands(context: CommandContext): RunUploadCommand {
  const append = prepareAppendEvent(context)
  const create = prepareCreateUpload(context, append)
  const end = prepareEndUpload(context, append)
  const sweep = prepareSweepUploads(context)
  const savepoint = prepareSavepoint(context.db)
  const runOne = (command: UploadCommand): UploadResults[Kind] => {
    if (command.kind === 'createUpload') return create(command)
    return command.kind === 'endUpload' ? end(command) : sweep(command)
  }
  return {
    isOne: (command): command is UploadCommand => KINDS.some(kind => kind === command.kind),
    run: command => savepoint(() => runOne(command)),
  }
}

function prepareCreateUpload({ db, keys }: CommandContext, append: AppendEvent): Run<'createUpload'> {
  const insert = prepare(
    db,
    query
      .insertInto('uploads')
      .values(params('id', 'issuer', 'subject', 'project', 'location', 'bytes', 'part_bytes', 'created_at', 'expires_at', 'coded'))
      .compile(),
  )
  const underWay = prepare(
    db,
    query
      .selectFrom('uploads')
      .select(row => row.fn.countAll<number>().as('count'))
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', param('now'))
      .compile(),
  )
  return ({ principal, upload, most, now }) => {
    const { issuer, subject } = principal
    const { id, project, location, name, url, storeId, bytes, partBytes, replace, expiresAt } = upload
    if ((underWay.get({ issuer, subject, now })?.count ?? 0) >= most) return { outcome: 'tooMany' }
    insert.run({
      id,
      issuer,
      subject,
      project,
      location,
      bytes,
      part_bytes: partBytes,
      created_at: now,
      expires_at: expiresAt,
      coded: encode(keys, codedUploadName(id), JSON.stringify({ name, url, storeId, replace })),
    })
    append({ at: now, kind: 'uploadBegun', actor: principal, person: principal, project, detail: { upload: id, location, bytes } })
    return { outcome: 'created' }
  }
}

const EVENTS = { completed: 'uploaded', aborted: 'uploadAborted', expired: 'uploadExpired' } as const

function prepareEndUpload({ db }: CommandContext, append: AppendEvent): Run<'endUpload'> {
  const find = prepare(
    db,
    query
      .selectFrom('uploads')
      .select(['issuer', 'subject', 'project', 'location', 'bytes', 'ended_at'])
      .where('id', '=', param('id'))
      .compile(),
  )
  const end = prepare(
    db,
    query
      .updateTable('uploads')
      .set({ ended_at: param('now'), ended_as: param('end') })
      .where('id', '=', param('id'))
      .compile(),
  )
  return ({ principal, id, end: how, now }) => {
    const row = find.get({ id })
    if (!row || !(isOwner(principal, row) || principal.roles.includes('system'))) return { outcome: 'notFound' }
    if (row.ended_at !== null) return { outcome: 'alreadyEnded' }
    end.run({ id, now, end: how })
    const { project, location, bytes } = row
    append({ at: now, kind: EVENTS[how], actor: principal, person: row, project, detail: { upload: id, location, bytes } })
    return { outcome: 'ended' }
  }
}

function prepareSweepUploads({ db }: CommandContext): Run<'sweepUploads'> {
  const remove = prepare(
    db,
    sql`delete from uploads where rowid in (select rowid from uploads where ended_at is not null and ended_at <= ${param('until')}
      order by ended_at limit ${param('limit')})`.compile(query),
  )
  return ({ until, limit }) => ({ deleted: remove.run({ until, limit }) })
}
