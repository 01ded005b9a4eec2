/**
 * A refresh token for new tokens (RFC 6749, section 6; RFC 9700, section 4.14.2). Who stands behind it is looked at first: a token that would bring
 * nothing is not exchanged, so it still counts when the person is a member again or their login is admitted again. No login is asked: with claims that
 * are too old an access token still reads and cancels what is theirs, and makes nobody a member or an administrator where it is shown. Whether the token
 * counts at all, the store decides with the exchange (`login-rules/decide-refresh.ts`).
 */
import type { FamilyEnd, FamilyRow, PersonRef } from '../../stores/login-rows.ts'
import type { Login } from '../login.ts'
import type { Principal, Scope } from '../principal.ts'
import { makeToken, readToken } from '../tokens/opaque-token.ts'
import { secureRandom } from '../tokens/random-source.ts'
import { type Granted, grantTokens } from './grant-tokens.ts'
import { readScope } from './read-asked.ts'
import { type OAuthRefused, refuse } from './refused.ts'

export interface RefreshParts {
  readonly login: Pick<Login, 'store' | 'admit' | 'whyNot' | 'grantable' | 'freshness' | 'known' | 'mintAccessToken'>
  /** Counts a refresh of this person. Throws where there are too many. */
  readonly spend: (person: PersonRef) => Promise<void>
  readonly now: () => number
}

export interface RefreshRequest {
  readonly refreshToken: string
  readonly client: string
  /** As it was sent; absent: all that was granted. */
  readonly scope?: string | undefined
}

/** Rejects with `StoreUnavailable`; then nothing was exchanged. */
export async function refreshLogin(parts: RefreshParts, { refreshToken, client, scope }: RefreshRequest): Promise<Granted | OAuthRefused> {
  const { login, spend, now } = parts
  const read = readToken(refreshToken)
  if (read.outcome === 'mistyped') return refuse('invalid_grant', 'The refresh token is mistyped or cut off.')
  if (read.outcome === 'foreign' || read.kind !== 'refresh') return UNKNOWN
  const found = login.store.findFamily(read.hash)
  if (!found) return UNKNOWN
  if (found.why !== undefined) return refuse('invalid_grant', ENDED[found.why])
  if (found.expiresAt <= now()) return refuse('invalid_grant', ENDED.expired)
  await spend(found.owner)
  const permitted = permit(login, found, scope)
  if (permitted.outcome === 'refused') return permitted
  const successor = makeToken('refresh', secureRandom)
  const rotated = await login.store.execute({ kind: 'rotateRefresh', hash: read.hash, client, successor: successor.hash, now: now() })
  switch (rotated.outcome) {
    case 'rotated':
    case 'again':
      return grantTokens(login, rotated.family, permitted.scopes, successor.text)
    case 'reuse':
      login.known.family(rotated.family.id)
      return refuse('invalid_grant', ENDED.reuse)
    case 'ended':
      return refuse('invalid_grant', ENDED[rotated.why])
    case 'notFound':
      return UNKNOWN
  }
}

const UNKNOWN: OAuthRefused = { ...refuse('invalid_grant', 'The refresh token is not known here. Log in again.'), isGuess: true }

const ENDED: Readonly<Record<FamilyEnd, string>> = {
  logout: 'This login was ended by its device. Log in again.',
  revoked: 'This login was ended by its owner or an administrator. Log in again.',
  displaced: 'You logged in on more devices than one person may, and this one was not used for longest: its login has ended. Log in again.',
  expired: 'This login is too old. Log in again.',
  reuse: 'A refresh token was used twice, so two may hold it: this login has ended. Log in again.',
}

interface Permitted {
  readonly outcome: 'permitted'
  readonly scopes: readonly Scope[]
}

/** What the person may have now of what the family was granted. What a login said too long ago takes nothing away here: it counts for nothing. */
function permit(login: RefreshParts['login'], family: FamilyRow, asked: string | undefined): Permitted | OAuthRefused {
  const wanted = readScope(asked, family.scopes)
  if (wanted.outcome === 'refused') return wanted
  const { owner, project } = family
  const principal = login.admit(owner, { scopes: family.scopes, project })
  if (!principal) return refuse('access_denied', login.whyNot(owner))
  if (!login.freshness.isFresh(principal)) return { outcome: 'permitted', scopes: wanted.value }
  if (!isMember(principal, project)) {
    return refuse('access_denied', `You are no member of the project ${project} any more, and this login is for no other. Log in again.`)
  }
  const grantable = login.grantable(owner)
  const scopes = wanted.value.filter(scope => grantable.includes(scope))
  return scopes.length > 0 ? { outcome: 'permitted', scopes } : refuse('invalid_scope', 'You may do nothing of what is asked for any more.')
}

function isMember({ memberOf = [] }: Principal, project: FamilyRow['project']): boolean {
  return project === undefined || memberOf.includes(project)
}
