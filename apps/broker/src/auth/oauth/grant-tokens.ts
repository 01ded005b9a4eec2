/**
 * Tokens for a login of a device that stands: an access token that can do no more than the refresh family may, and the refresh token that brings
 * the next one.
 */

import type { FamilyRow } from '../../stores/login-rows.ts'
import type { Login } from '../login.ts'
import type { Scope } from '../principal.ts'

export interface Granted {
  readonly outcome: 'granted'
  readonly accessToken: string
  /** ms. */
  readonly lifeMs: number
  readonly refreshToken: string
  readonly scopes: readonly Scope[]
  readonly project?: string | undefined
}

/** `scopes`: of the family's. */
export async function grantTokens(
  login: Pick<Login, 'mintAccessToken'>,
  { id, owner, project, client }: Pick<FamilyRow, 'id' | 'owner' | 'project' | 'client'>,
  scopes: readonly Scope[],
  refreshToken: string,
): Promise<Granted> {
  const minted = await login.mintAccessToken({ person: owner, scopes, project, familyId: id, clientId: client })
  return {
    outcome: 'granted',
    accessToken: minted.text,
    lifeMs: minted.expiresAt - minted.issuedAt,
    refreshToken,
    scopes,
    project,
  }
}
