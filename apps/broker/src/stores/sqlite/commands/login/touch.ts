/**
 * `touch`: when tokens and sessions were last used, to the minute.
 */
import { sql } from 'kysely'
import { param, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import type { RunLogin } from './login-commands.ts'

const COARSE_MS = 60_000

export function prepareTouch({ db }: CommandContext): RunLogin<'touch'> {
  const touchToken = prepare(
    db,
    query
      .updateTable('personal_tokens')
      .set({ last_used_at: param('at') })
      .where('id', '=', param('id'))
      .where(row => row.or([row('last_used_at', 'is', null), row('last_used_at', '<=', param('before'))]))
      .compile(),
  )
  const touchSession = prepare(
    db,
    query
      .updateTable('sessions')
      .set({ last_seen_at: param('at') })
      .where('hash', '=', param('hash'))
      .where('ended_at', 'is', null)
      .where('last_seen_at', '<=', param('before'))
      .where('expires_at', '>', param('at'))
      .where(sql<boolean>`last_seen_at + idle_ms > ${param('at')}`)
      .compile(),
  )
  return ({ tokens, sessions }) => {
    let written = 0
    for (const { id, at } of tokens) written += touchToken.run({ id, at, before: at - COARSE_MS })
    for (const { hash, at } of sessions) written += touchSession.run({ hash, at, before: at - COARSE_MS })
    return { written }
  }
}
