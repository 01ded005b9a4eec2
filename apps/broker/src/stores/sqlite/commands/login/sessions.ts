/**
 * `startSession`, `putSessionData` and `endSession`: the sessions of browsers. An ended session forgets its data.
 */
import { sql } from 'kysely'
import { encode } from '../../../codec.ts'
import type { SecretHash } from '../../../login-rows.ts'
import { sessionStanding } from '../../../login-rules/standing.ts'
import { codedName, SESSION_COLUMNS, toSession, toSessionData } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import type { RunLogin } from './login-commands.ts'

export function prepareStartSession(context: CommandContext): RunLogin<'startSession'> {
  const { db, keys } = context
  const insert = prepare(
    db,
    query
      .insertInto('sessions')
      .values({
        ...params('hash', 'issuer', 'subject', 'idle_ms', 'expires_at', 'data'),
        created_at: param('now'),
        last_seen_at: param('now'),
      })
      .compile(),
  )
  const end = prepareEnd(context)
  const surplus = prepare(
    db,
    query
      .selectFrom('sessions')
      .select('hash')
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .where('ended_at', 'is', null)
      .orderBy('last_seen_at', 'desc')
      .orderBy('created_at', 'desc')
      .limit(sql.lit(-1))
      .offset(param('most'))
      .compile(),
  )
  return ({ principal, session, replaces, most, now }) => {
    const { issuer, subject } = principal
    const { hash, idleMs, expiresAt, dataText } = session
    if (replaces !== undefined) end.run({ hash: replaces, now })
    const displaced = surplus.all({ issuer, subject, most: most - 1 }).map(old => old.hash as SecretHash)
    for (const old of displaced) end.run({ hash: old, now })
    const data = encode(keys, codedName.sessionData(hash), dataText)
    insert.run({ hash, issuer, subject, idle_ms: idleMs, expires_at: expiresAt, data, now })
    return { outcome: 'started', displaced }
  }
}

export function preparePutSessionData(context: CommandContext): RunLogin<'putSessionData'> {
  const { db, keys } = context
  const find = prepareFind(context)
  const put = prepare(
    db,
    query
      .updateTable('sessions')
      .set({ data: param('data') })
      .where('hash', '=', param('hash'))
      .compile(),
  )
  return ({ hash, dataText, now }) => {
    const row = find.get({ hash })
    if (!row || sessionStanding(toSession(row), now) !== 'live') return { outcome: 'notFound' }
    put.run({ hash, data: encode(keys, codedName.sessionData(hash), dataText) })
    return { outcome: 'done' }
  }
}

export function prepareEndSession(context: CommandContext): RunLogin<'endSession'> {
  const find = prepareFind(context)
  const end = prepareEnd(context)
  return ({ hash, now }) => {
    const row = find.get({ hash })
    const dataText = row && toSessionData(context.keys, row)
    if (!row || dataText === undefined) return { outcome: 'notFound' }
    end.run({ hash, now })
    return { outcome: 'ended', owner: toSession(row).owner, dataText }
  }
}

function prepareFind({ db }: CommandContext) {
  return prepare(db, query.selectFrom('sessions').select(SESSION_COLUMNS).where('hash', '=', param('hash')).compile())
}

function prepareEnd({ db }: CommandContext) {
  return prepare(
    db,
    query
      .updateTable('sessions')
      .set({ ended_at: param('now'), data: null })
      .where('hash', '=', param('hash'))
      .where('ended_at', 'is', null)
      .compile(),
  )
}
