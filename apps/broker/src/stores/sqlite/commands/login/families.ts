/**
 * `startFamily`, `logoutFamily` and `revokeFamily`: the begin and the end of a refresh family.
 */
import { sql } from 'kysely'
import { type Principal, SYSTEM } from '../../../../auth/principal.ts'
import { encode } from '../../../codec.ts'
import type { FamilyEnd, FamilyId, PersonRef } from '../../../login-rows.ts'
import { exceeds, reachesOwned } from '../../../login-rules/reach.ts'
import { codedName, projectOf } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { AppendEvent } from '../append-event.ts'
import type { CommandContext } from '../context.ts'
import type { RunLogin } from './login-commands.ts'

const FIRST = 1

export function prepareStartFamily({ db, keys }: CommandContext, append: AppendEvent, end: EndFamily): RunLogin<'startFamily'> {
  const insertFamily = prepare(
    db,
    query
      .insertInto('refresh_families')
      .values({ ...params('id', 'issuer', 'subject', 'project', 'scopes', 'client', 'created_at', 'expires_at'), current: FIRST })
      .compile(),
  )
  const insertToken = prepare(
    db,
    query
      .insertInto('refresh_tokens')
      .values({ ...params('hash', 'family_id', 'created_at'), number: FIRST })
      .compile(),
  )
  // A family was refreshed last when its current token was made.
  const surplus = prepare(
    db,
    query
      .selectFrom('refresh_families as family')
      .innerJoin('refresh_tokens as token', join =>
        join.onRef('token.family_id', '=', 'family.id').onRef('token.number', '=', 'family.current'),
      )
      .select(['family.id', 'family.issuer', 'family.subject', 'family.project'])
      .where('family.issuer', '=', param('issuer'))
      .where('family.subject', '=', param('subject'))
      .where('family.ended_at', 'is', null)
      .where('family.expires_at', '>', param('now'))
      .orderBy('token.created_at', 'desc')
      .orderBy('family.created_at', 'desc')
      .limit(sql.lit(-1))
      .offset(param('most'))
      .compile(),
  )
  const used = prepare(
    db,
    query
      .selectFrom('device_flows')
      .select('id')
      .where('id', '=', param('id'))
      .where('state', '=', sql.lit('used'))
      .where('expires_at', '>', param('now'))
      .compile(),
  )
  return ({ principal, family, flow, hash, most, now }) => {
    if (exceeds(principal, family)) return { outcome: 'exceeds' }
    if (flow !== undefined && !used.get({ id: flow, now })) return { outcome: 'withdrawn' }
    const { id, project, scopes, client, expiresAt } = family
    const { issuer, subject } = principal
    const displaced = surplus.all({ issuer, subject, now, most: most - 1 })
    for (const old of displaced) end(old, 'displaced', principal, now)
    insertFamily.run({
      id,
      issuer,
      subject,
      project,
      scopes: JSON.stringify(scopes),
      client: encode(keys, codedName.client(id), client),
      created_at: now,
      expires_at: expiresAt,
    })
    insertToken.run({ hash, family_id: id, created_at: now })
    append({ at: now, kind: 'familyStarted', actor: principal, person: principal, project, detail: { family: id, client, scopes } })
    return { outcome: 'started', displaced: displaced.map(old => old.id as FamilyId) }
  }
}

export interface EndingFamily extends PersonRef {
  readonly id: string
  readonly project: string | null
}

/** Ends a family that has not ended. That one has expired is no event: nobody did it. */
export type EndFamily = (family: EndingFamily, why: FamilyEnd, actor: Principal, now: number) => void

export function prepareEndFamily({ db }: CommandContext, append: AppendEvent): EndFamily {
  const end = prepare(
    db,
    query
      .updateTable('refresh_families')
      .set({ ended_at: param('now'), why: param('why') })
      .where('id', '=', param('id'))
      .compile(),
  )
  return (family, why, actor, now) => {
    const { id } = family
    end.run({ id, why, now })
    if (why === 'expired') return
    append({ at: now, kind: 'familyEnded', actor, person: family, project: projectOf(family), detail: { family: id, why } })
  }
}

/** Who holds the token does it, and that is no known person: the broker stands for them. */
export function prepareLogoutFamily({ db }: CommandContext, end: EndFamily): RunLogin<'logoutFamily'> {
  const find = prepare(
    db,
    query
      .selectFrom('refresh_tokens')
      .innerJoin('refresh_families', 'refresh_families.id', 'refresh_tokens.family_id')
      .select(['id', 'issuer', 'subject', 'project', 'ended_at'])
      .where('hash', '=', param('hash'))
      .compile(),
  )
  return ({ hash, now }) => {
    const family = find.get({ hash })
    if (!family) return { outcome: 'notFound' }
    if (family.ended_at !== null) return { outcome: 'alreadyEnded' }
    end(family, 'logout', SYSTEM, now)
    return { outcome: 'ended' }
  }
}

export function prepareRevokeFamily({ db }: CommandContext, end: EndFamily): RunLogin<'revokeFamily'> {
  const find = prepare(
    db,
    query.selectFrom('refresh_families').select(['id', 'issuer', 'subject', 'project', 'ended_at']).where('id', '=', param('id')).compile(),
  )
  return ({ principal, id, now }) => {
    const family = find.get({ id })
    if (!family || !reachesOwned(principal, family, projectOf(family))) return { outcome: 'notFound' }
    if (family.ended_at !== null) return { outcome: 'alreadyEnded' }
    end(family, 'revoked', principal, now)
    return { outcome: 'ended' }
  }
}
