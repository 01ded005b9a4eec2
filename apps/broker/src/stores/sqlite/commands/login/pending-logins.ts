/**
 * `startLogin` and `consumeLogin`: a login in the browser, between leaving for the issuer and coming back.
 */
import { sql } from 'kysely'
import { decode, encode } from '../../../codec.ts'
import { codedName } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import { prepareDropOldest } from './drop-oldest.ts'
import type { RunLogin } from './login-commands.ts'

export function prepareStartLogin({ db, keys }: CommandContext): RunLogin<'startLogin'> {
  const insert = prepare(
    db,
    query
      .insertInto('pending_logins')
      .values(params('state_hash', 'binding_hash', 'issuer', 'coded', 'created_at', 'expires_at'))
      .compile(),
  )
  const drop = prepareDropOldest(db, 'pending_logins', sql`consumed_at is null`)
  return ({ login, most, now }) => {
    const { stateHash, bindingHash, issuer, text, expiresAt } = login
    const dropped = drop.run({ now, most: most - 1 })
    insert.run({
      state_hash: stateHash,
      binding_hash: bindingHash,
      issuer,
      coded: encode(keys, codedName.pendingLogin(stateHash), text),
      created_at: now,
      expires_at: expiresAt,
    })
    return { outcome: 'started', dropped }
  }
}

export function prepareConsumeLogin({ db, keys }: CommandContext): RunLogin<'consumeLogin'> {
  const find = prepare(
    db,
    query
      .selectFrom('pending_logins')
      .select(['binding_hash', 'issuer', 'coded', 'expires_at'])
      .where('state_hash', '=', param('state_hash'))
      .compile(),
  )
  const consume = prepare(
    db,
    query
      .updateTable('pending_logins')
      .set({ consumed_at: param('now'), coded: null })
      .where('state_hash', '=', param('state_hash'))
      .compile(),
  )
  return ({ stateHash, bindingHash, issuer, now }) => {
    const login = find.get({ state_hash: stateHash })
    if (!login) return { outcome: 'notFound' }
    if (login.binding_hash !== bindingHash) return { outcome: 'otherBrowser' }
    if (login.issuer !== issuer) return { outcome: 'otherIssuer' }
    if (login.coded === null) return { outcome: 'used' }
    if (now >= login.expires_at) return { outcome: 'expired' }
    consume.run({ state_hash: stateHash, now })
    return { outcome: 'consumed', text: decode(keys, codedName.pendingLogin(stateHash), login.coded) }
  }
}
