/**
 * `recordLogin` and `renewClaims`: what is known of a person.
 */
import { sql } from 'kysely'
import { encode } from '../../../codec.ts'
import { codedName } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { AppendEvent } from '../append-event.ts'
import type { CommandContext } from '../context.ts'
import type { RunLogin } from './login-commands.ts'

export function prepareRecordLogin({ db, keys }: CommandContext, append: AppendEvent): RunLogin<'recordLogin'> {
  const keep = prepare(
    db,
    query
      .insertInto('persons')
      .values({
        ...params('issuer', 'subject', 'claims', 'linked_issuer', 'linked_subject', 'upstream_refresh'),
        claims_at: param('now'),
        first_seen_at: param('now'),
        last_login_at: param('now'),
      })
      .onConflict(conflict =>
        conflict.columns(['issuer', 'subject']).doUpdateSet(row => ({
          ...params('claims', 'linked_issuer', 'linked_subject'),
          claims_at: param('now'),
          last_login_at: param('now'),
          upstream_refresh: row.fn.coalesce(row.ref('excluded.upstream_refresh'), row.ref('persons.upstream_refresh')),
          // Who exchanges the old one has nothing to write any more.
          upstream_claim: sql<string | null>`iif(excluded.upstream_refresh is null, persons.upstream_claim, null)`,
        })),
      )
      .compile(),
  )
  return ({ principal, claimsText, linked, upstreamRefresh, client, now }) => {
    const { issuer, subject } = principal
    keep.run({
      issuer,
      subject,
      claims: encode(keys, codedName.claims(principal), claimsText),
      linked_issuer: linked?.issuer,
      linked_subject: linked?.subject,
      upstream_refresh: upstreamRefresh === undefined ? null : encode(keys, codedName.upstreamRefresh(principal), upstreamRefresh),
      now,
    })
    append({ at: now, kind: 'login', actor: principal, person: principal, detail: { client } })
    return { outcome: 'done' }
  }
}

export function prepareRenewClaims({ db, keys }: CommandContext): RunLogin<'renewClaims'> {
  const find = prepare(
    db,
    query
      .selectFrom('persons')
      .select(['claims_at'])
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .compile(),
  )
  const renew = prepare(
    db,
    query
      .updateTable('persons')
      .set(params('claims', 'claims_at'))
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .compile(),
  )
  return ({ person, claimsText, claimsAt }) => {
    const { issuer, subject } = person
    const known = find.get({ issuer, subject })
    if (!known) return { outcome: 'notFound' }
    if (known.claims_at > claimsAt) return { outcome: 'stale' }
    renew.run({ issuer, subject, claims: encode(keys, codedName.claims(person), claimsText), claims_at: claimsAt })
    return { outcome: 'done' }
  }
}
