/**
 * `claimUpstream`, `settleUpstream` and `forgetUpstream`: who may exchange the issuer's refresh token of a person. The one writer decides between
 * processes; a claim that has run out and that nobody else has taken is still good, since nobody can have exchanged the token in between.
 */
import { decode, encode } from '../../../codec.ts'
import type { PersonRef } from '../../../login-rows.ts'
import { codedName } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import type { RunLogin } from './login-commands.ts'

export function prepareUpstream({ db, keys }: CommandContext): {
  readonly claimUpstream: RunLogin<'claimUpstream'>
  readonly settleUpstream: RunLogin<'settleUpstream'>
  readonly forgetUpstream: RunLogin<'forgetUpstream'>
} {
  const find = prepare(
    db,
    query
      .selectFrom('persons')
      .select(['upstream_refresh', 'upstream_claim', 'upstream_claimed_until'])
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .compile(),
  )
  const keep = prepare(
    db,
    query
      .updateTable('persons')
      .set(params('upstream_refresh', 'upstream_claim', 'upstream_claimed_until'))
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .compile(),
  )
  const FREE = { upstream_claim: null, upstream_claimed_until: null }
  const read = (person: PersonRef, coded: Uint8Array) => decode(keys, codedName.upstreamRefresh(person), coded)

  return {
    claimUpstream({ person, claim, ttlMs, now }) {
      const { issuer, subject } = person
      const row = find.get({ issuer, subject })
      if (!row?.upstream_refresh) return { outcome: 'absent' }
      const { upstream_refresh, upstream_claim, upstream_claimed_until: until } = row
      // One that ends far later than any can was taken before the clock was set back: it would last too long. Callers do not read the clock in the order
      // in which the writer takes them, so a little later is nothing.
      if (upstream_claim !== null && until !== null && until > now && until <= now + 2 * ttlMs) return { outcome: 'taken', until }
      keep.run({ issuer, subject, upstream_refresh, upstream_claim: claim, upstream_claimed_until: now + ttlMs })
      return { outcome: 'claimed', upstreamRefresh: read(person, upstream_refresh) }
    },

    settleUpstream({ person, claim, upstreamRefresh }) {
      const { issuer, subject } = person
      const row = find.get({ issuer, subject })
      if (row?.upstream_claim !== claim) return { outcome: 'lost' }
      const coded = typeof upstreamRefresh === 'string' ? encode(keys, codedName.upstreamRefresh(person), upstreamRefresh) : null
      keep.run({ issuer, subject, upstream_refresh: upstreamRefresh === undefined ? row.upstream_refresh : coded, ...FREE })
      return { outcome: 'done' }
    },

    forgetUpstream({ person }) {
      const { issuer, subject } = person
      const row = find.get({ issuer, subject })
      if (!row?.upstream_refresh) return { outcome: 'done' }
      keep.run({ issuer, subject, upstream_refresh: null, ...FREE })
      return { outcome: 'done', upstreamRefresh: read(person, row.upstream_refresh) }
    },
  }
}
