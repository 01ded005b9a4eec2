/**
 * `createUpload` and `endUpload`: an upload from its begin to its end.
 */
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

export interface RunUploadCommand {
  isOne(command: { readonly kind: string }): command is UploadCommand
  run(command: UploadCommand): UploadResults[Kind]
}

export function prepareUploadCommands(context: CommandContext): RunUploadCommand {
  const append = prepareAppendEvent(context)
  const create = prepareCreateUpload(context, append)
  const end = prepareEndUpload(context, append)
  const savepoint = prepareSavepoint(context.db)
  return {
    isOne: (command): command is UploadCommand => command.kind === 'createUpload' || command.kind === 'endUpload',
    run: command => savepoint(() => (command.kind === 'createUpload' ? create(command) : end(command))),
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
    const { id, project, location, url, storeId, bytes, partBytes, replace, expiresAt } = upload
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
      coded: encode(keys, codedUploadName(id), JSON.stringify({ url, storeId, replace })),
    })
    append({ at: now, kind: 'uploadBegun', actor: principal, person: principal, project, detail: { upload: id, location, bytes } })
    return { outcome: 'created' }
  }
}

const KINDS = { completed: 'uploaded', aborted: 'uploadAborted', expired: 'uploadExpired' } as const

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
    append({ at: now, kind: KINDS[how], actor: principal, person: row, project, detail: { upload: id, location, bytes } })
    return { outcome: 'ended' }
  }
}
