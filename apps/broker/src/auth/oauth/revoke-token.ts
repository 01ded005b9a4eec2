/**
 * A token that its holder gives up (RFC 7009): a refresh token ends its login with all access tokens, a personal token ends itself. Who has the token
 * has the right. One that is unknown or over already is no error: it opens nothing, which is all that was asked for.
 */
import type { SecretHash } from '../../stores/login-rows.ts'
import type { Login } from '../login.ts'
import { issuerOf } from '../presented/unverified-jwt.ts'
import { readToken } from '../tokens/opaque-token.ts'
import { type OAuthRefused, refuse } from './refused.ts'

export interface RevokeParts {
  readonly login: Pick<Login, 'store' | 'known'>
  readonly now: () => number
}

/** Rejects with `StoreUnavailable`. */
export async function revokeToken(parts: RevokeParts, token: string): Promise<{ readonly outcome: 'done' } | OAuthRefused> {
  const read = readToken(token)
  if (read.outcome === 'mistyped') return DONE
  if (read.outcome === 'foreign') return issuerOf(token) ? UNSUPPORTED : DONE
  switch (read.kind) {
    case 'refresh':
      await endFamily(parts, read.hash)
      return DONE
    case 'personal':
      await endPersonal(parts, read.hash)
      return DONE
    case 'device':
    case 'session':
      return UNSUPPORTED
  }
}

const DONE = { outcome: 'done' } as const
const UNSUPPORTED = refuse(
  'unsupported_token_type',
  'Refresh tokens and personal tokens end here. An access token ends with the refresh token that it came with, or by itself within the hour.',
)

async function endFamily({ login, now }: RevokeParts, hash: SecretHash): Promise<void> {
  const family = login.store.findFamily(hash)
  await login.store.execute({ kind: 'logoutFamily', hash, now: now() })
  if (family) login.known.family(family.id)
}

async function endPersonal({ login, now }: RevokeParts, hash: SecretHash): Promise<void> {
  const found = login.store.findToken(hash, now())
  if (!found) return
  const { id, owner, project, scopes } = found.token
  const principal = { ...owner, project, scopes, roles: [], tokenId: id }
  await login.store.execute({ kind: 'revokeToken', principal, id, now: now() })
  login.known.token(id)
}
