/**
 * Credentials that were looked at a moment ago, each with the principal behind it. Who ends one says so here, and it counts no more from the next
 * request on.
 */
import type { FamilyId, PersonRef, SecretHash, TokenId } from '../stores/login-rows.ts'
import type { ForgetKnown } from './login.ts'
import type { Principal } from './principal.ts'
import { createKnownTokens, type KnownTokens } from './tokens/known-tokens.ts'

export interface KnownCredential {
  readonly principal: Principal
  /** A personal token. */
  readonly tokenId?: TokenId | undefined
  /** An access token of ours. */
  readonly familyId?: FamilyId | undefined
  /** A session. */
  readonly session?: SecretHash | undefined
}

export type KnownCredentials = KnownTokens<KnownCredential>

export const createKnownCredentials = (): KnownCredentials => createKnownTokens<KnownCredential>()

export function createForgetKnown(known: KnownCredentials): ForgetKnown {
  return {
    token: id => known.forget(({ tokenId }) => tokenId === id),
    family: id => known.forget(({ familyId }) => familyId === id),
    session: hash => known.forget(({ session }) => session === hash),
    person: person => known.forget(({ principal }) => isSame(principal, person)),
  }
}

function isSame(one: PersonRef, other: PersonRef): boolean {
  return one.issuer === other.issuer && one.subject === other.subject
}
