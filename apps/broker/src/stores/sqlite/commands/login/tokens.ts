/**
 * `createToken` and `revokeToken`: personal tokens; and how all of a person end in one step.
 */
import type { Principal } from '../../../../auth/principal.ts'
import type { PersonRef } from '../../../login-rows.ts'
import { exceeds, reachesOwned } from '../../../login-rules/reach.ts'
import { projectOf } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { AppendEvent } from '../append-event.ts'
import type { CommandContext } from '../context.ts'
import type { RunLogin } from './login-commands.ts'

export function prepareCreateToken({ db }: CommandContext, append: AppendEvent): RunLogin<'createToken'> {
  const insert = prepare(
    db,
    query
      .insertInto('personal_tokens')
      .values(params('id', 'issuer', 'subject', 'project', 'scopes', 'name', 'hash', 'created_at', 'expires_at'))
      .compile(),
  )
  const live = prepare(
    db,
    query
      .selectFrom('personal_tokens')
      .select(row => row.fn.countAll<number>().as('count'))
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', param('now'))
      .compile(),
  )
  const family = prepare(
    db,
    query
      .selectFrom('refresh_families')
      .select('id')
      .where('id', '=', param('id'))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', param('now'))
      .compile(),
  )
  /** Between the look at a credential and this step its login may have been ended: nothing may come of it after that. */
  const hasEnded = ({ credential }: Principal, now: number): boolean =>
    credential?.kind === 'access' && family.get({ id: credential.id ?? '', now }) === undefined

  return ({ principal, token, most, now }) => {
    if (exceeds(principal, token)) return { outcome: 'exceeds' }
    if (hasEnded(principal, now)) return { outcome: 'ended' }
    const { id, project, scopes, name, hash, expiresAt } = token
    const { issuer, subject } = principal
    if ((live.get({ issuer, subject, now })?.count ?? 0) >= most) return { outcome: 'tooMany' }
    insert.run({
      id,
      issuer,
      subject,
      project,
      scopes: JSON.stringify(scopes),
      name,
      hash,
      created_at: now,
      expires_at: expiresAt,
    })
    append({ at: now, kind: 'tokenCreated', actor: principal, person: principal, project, detail: { token: id, scopes, expiresAt } })
    return { outcome: 'created' }
  }
}

export function prepareRevokeToken({ db }: CommandContext, append: AppendEvent): RunLogin<'revokeToken'> {
  const find = prepare(
    db,
    query.selectFrom('personal_tokens').select(['issuer', 'subject', 'project', 'revoked_at']).where('id', '=', param('id')).compile(),
  )
  const revoke = prepare(
    db,
    query
      .updateTable('personal_tokens')
      .set({ revoked_at: param('now') })
      .where('id', '=', param('id'))
      .compile(),
  )
  return ({ principal, id, now }) => {
    const row = find.get({ id })
    if (!row || !reachesOwned(principal, row, projectOf(row))) return { outcome: 'notFound' }
    if (row.revoked_at !== null) return { outcome: 'alreadyRevoked' }
    revoke.run({ id, now })
    append({ at: now, kind: 'tokenRevoked', actor: principal, person: row, project: projectOf(row), detail: { token: id } })
    return { outcome: 'revoked' }
  }
}

/** Ends the live tokens of a person; answers how many. */
export type RevokeTokens = (person: PersonRef, principal: Principal, now: number) => number

export function prepareRevokeTokens({ db }: CommandContext, append: AppendEvent): RevokeTokens {
  const revoke = prepare(
    db,
    query
      .updateTable('personal_tokens')
      .set({ revoked_at: param('now') })
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', param('now'))
      .returning(['id', 'project'])
      .compile(),
  )
  return ({ issuer, subject }, actor, now) => {
    const person = { issuer, subject }
    const ended = revoke.all({ issuer, subject, now })
    for (const row of ended) append({ at: now, kind: 'tokenRevoked', actor, person, project: projectOf(row), detail: { token: row.id } })
    return ended.length
  }
}
