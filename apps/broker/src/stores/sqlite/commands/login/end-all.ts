/**
 * `endAll`: every session and every refresh family of a person.
 */
import { reachesOwned } from '../../../login-rules/reach.ts'
import { param, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import type { EndFamily } from './families.ts'
import type { RunLogin } from './login-commands.ts'

export function prepareEndAll({ db }: CommandContext, end: EndFamily): RunLogin<'endAll'> {
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
  return ({ principal, person, now }) => {
    if (!reachesOwned(principal, person, undefined)) return { outcome: 'notFound' }
    const { issuer, subject } = person
    const sessions = endSessions.run({ issuer, subject, now })
    const open = families.all({ issuer, subject })
    for (const family of open) end(family, 'revoked', principal, now)
    return { outcome: 'done', sessions, families: open.length }
  }
}
