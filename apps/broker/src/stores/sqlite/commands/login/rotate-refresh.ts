/**
 * `rotateRefresh`: one refresh token for another. The rule stands in `decideRefresh`; here it is given what is stored and obeyed, in one step
 * of the one writer, so that of two who present a token at once the second meets what the first has done.
 */
import { SYSTEM } from '../../../../auth/principal.ts'
import { decideRefresh } from '../../../login-rules/decide-refresh.ts'
import { FAMILY_COLUMNS, toFamily } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import type { EndFamily } from './families.ts'
import type { RunLogin } from './login-commands.ts'

export function prepareRotateRefresh({ db, keys }: CommandContext, end: EndFamily): RunLogin<'rotateRefresh'> {
  const findToken = prepare(
    db,
    query
      .selectFrom('refresh_tokens')
      .select(['family_id', 'number', 'used_at', 'used_again_at', 'successor'])
      .where('hash', '=', param('hash'))
      .compile(),
  )
  const findFamily = prepare(db, query.selectFrom('refresh_families').select(FAMILY_COLUMNS).where('id', '=', param('id')).compile())
  const insert = prepare(
    db,
    query
      .insertInto('refresh_tokens')
      .values(params('hash', 'family_id', 'number', 'created_at'))
      .compile(),
  )
  const use = prepare(
    db,
    query
      .updateTable('refresh_tokens')
      .set(params('used_at', 'used_again_at', 'successor'))
      .where('hash', '=', param('hash'))
      .compile(),
  )
  const advance = prepare(
    db,
    query
      .updateTable('refresh_families')
      .set({ current: param('number') })
      .where('id', '=', param('id'))
      .compile(),
  )

  return ({ hash, client, successor, now }) => {
    const token = findToken.get({ hash })
    const row = token && findFamily.get({ id: token.family_id })
    if (!row) return { outcome: 'notFound' }
    const family = toFamily(keys, row)
    const decision = decideRefresh({
      now,
      client,
      family,
      token: {
        number: token.number,
        usedAt: token.used_at ?? undefined,
        successor: token.successor ?? undefined,
        usedAgain: token.used_again_at !== null,
      },
    })
    switch (decision.action) {
      case 'refuse':
        return { outcome: 'ended', family, why: decision.why }
      case 'end': {
        end(row, decision.why, SYSTEM, now)
        const ended = { ...family, endedAt: now, why: decision.why }
        return decision.why === 'reuse' ? { outcome: 'reuse', family: ended } : { outcome: 'ended', family: ended, why: decision.why }
      }
      case 'rotate':
      case 'rotateAgain': {
        const again = decision.action === 'rotateAgain'
        const number = family.current + 1
        insert.run({ hash: successor, family_id: family.id, number, created_at: now })
        use.run({ hash, used_at: again ? token.used_at : now, used_again_at: again ? now : null, successor: number })
        advance.run({ id: family.id, number })
        return { outcome: again ? 'again' : 'rotated', family: { ...family, current: number } }
      }
    }
  }
}
