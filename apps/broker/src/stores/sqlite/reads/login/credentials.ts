/**
 * Personal tokens and refresh families.
 */
import type { Principal } from '../../../../auth/principal.ts'
import type { FamilyId, FamilyRow, Page, PageOf, SecretHash, TokenRow, TokenStanding } from '../../../login-rows.ts'
import { reachesOwned } from '../../../login-rules/reach.ts'
import { tokenStanding } from '../../../login-rules/standing.ts'
import { FAMILY_COLUMNS, projectOf, type StoredFamily, type StoredToken, TOKEN_COLUMNS, toFamily, toToken } from '../../read-login-rows.ts'
import { param, prepare, query } from '../../statement.ts'
import type { ReadContext } from '../context.ts'
import { prepareOwnedList } from './owned-list.ts'

export interface ReadCredentials {
  findToken(hash: SecretHash, now: number): { readonly standing: TokenStanding; readonly token: TokenRow } | undefined
  listTokens(principal: Principal, page: PageOf): Page<TokenRow>
  getFamily(principal: Principal, id: FamilyId): FamilyRow | undefined
  findFamily(hash: SecretHash): FamilyRow | undefined
  listFamilies(principal: Principal, page: PageOf): Page<FamilyRow>
}

export function prepareReadCredentials({ db, keys }: ReadContext): ReadCredentials {
  const byHash = prepare(db, query.selectFrom('personal_tokens').select(TOKEN_COLUMNS).where('hash', '=', param('hash')).compile())
  const family = prepare(db, query.selectFrom('refresh_families').select(FAMILY_COLUMNS).where('id', '=', param('id')).compile())
  const familyOfToken = prepare(
    db,
    query
      .selectFrom('refresh_families')
      .select(FAMILY_COLUMNS)
      .where('id', '=', token => token.selectFrom('refresh_tokens').select('family_id').where('hash', '=', param('hash')))
      .compile(),
  )
  const tokens = { name: 'personal_tokens', columns: TOKEN_COLUMNS, byOwner: 'tokens_by_owner', byAge: 'tokens_by_age' }
  const families = { name: 'refresh_families', columns: FAMILY_COLUMNS, byOwner: 'families_by_owner', byAge: 'families_by_age' }
  return {
    findToken(hash, now) {
      const row = byHash.get({ hash })
      const token = row && toToken(row)
      return token && { standing: tokenStanding(token, now), token }
    },
    listTokens: prepareOwnedList<StoredToken, TokenRow>(db, tokens, toToken),
    getFamily(principal, id) {
      const row = family.get({ id })
      return row && reachesOwned(principal, row, projectOf(row)) ? toFamily(keys, row) : undefined
    },
    findFamily(hash) {
      const row = familyOfToken.get({ hash })
      return row && toFamily(keys, row)
    },
    listFamilies: prepareOwnedList<StoredFamily, FamilyRow>(db, families, row => toFamily(keys, row)),
  }
}
