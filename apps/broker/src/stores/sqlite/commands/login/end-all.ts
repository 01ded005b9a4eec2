/**
 * `endAll`: every session, every refresh family and every approval of a person, and if asked every personal token. `endApproval`: one approval. An approval that was fetched a moment ago
 * ends too, so that no family begins by it after that (`startFamily`).
 */
import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { reachesOwned } from '../../../login-rules/reach.ts'
import { projectOf } from '../../read-login-rows.ts'
import { param, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import type { EndFamily } from './families.ts'
import type { RunLogin } from './login-commands.ts'
import type { RevokeTokens } from './tokens.ts'

const IS_DECIDED = sql<boolean>`state in ('approved', 'used')`

export function prepareEndAll({ db }: CommandContext, end: EndFamily, revokeTokens: RevokeTokens): RunLogin<'endAll'> {
  const endSessions = prepare(
    db,
    query
      .updateTable('sessions')
      .set({ ended_at: param('now'), data: null })
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .where('ended_at', 'is', null)
      .compile(),
  )
  const families = prepare(
    db,
    query
      .selectFrom('refresh_families')
      .select(['id', 'issuer', 'subject', 'project'])
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .where('ended_at', 'is', null)
      .compile(),
  )
  const approvals = prepare(
    db,
    query
      .selectFrom('device_flows')
      .select(['id', 'state'])
      .where('expires_at', '>', param('now'))
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .where(IS_DECIDED)
      .compile(),
  )
  const endFlow = prepareEndFlow(db)
  return ({ principal, person, tokens, now }) => {
    if (!reachesOwned(principal, person, undefined)) return { outcome: 'notFound' }
    const { issuer, subject } = person
    const sessions = endSessions.run({ issuer, subject, now })
    const open = families.all({ issuer, subject })
    for (const family of open) end(family, 'revoked', principal, now)
    const decided = approvals.all({ issuer, subject, now })
    for (const { id } of decided) endFlow.run({ id, now })
    const unfetched = decided.filter(({ state }) => state === 'approved')
    const revoked = tokens ? revokeTokens(person, principal, now) : 0
    return { outcome: 'done', sessions, families: open.length, approvals: unfetched.length, tokens: revoked }
  }
}

export function prepareEndApproval({ db }: CommandContext): RunLogin<'endApproval'> {
  const find = prepare(
    db,
    query
      .selectFrom('device_flows')
      .select(['issuer', 'subject', 'project'])
      .where('id', '=', param('id'))
      .where('expires_at', '>', param('now'))
      .where(IS_DECIDED)
      .compile(),
  )
  const endFlow = prepareEndFlow(db)
  return ({ principal, id, now }) => {
    const flow = find.get({ id, now })
    if (!flow || flow.issuer === null || flow.subject === null) return { outcome: 'notFound' }
    if (!reachesOwned(principal, { issuer: flow.issuer, subject: flow.subject }, projectOf(flow))) return { outcome: 'notFound' }
    endFlow.run({ id, now })
    return { outcome: 'ended' }
  }
}

/** What was decided stays so; its time is over. */
function prepareEndFlow(db: DatabaseSync) {
  return prepare(
    db,
    query
      .updateTable('device_flows')
      .set({ expires_at: param('now') })
      .where('id', '=', param('id'))
      .compile(),
  )
}
