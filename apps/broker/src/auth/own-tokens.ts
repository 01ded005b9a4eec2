/**
 * Tokens that the broker itself has given out: personal tokens by the store, access tokens by their signature and then by their refresh family. No
 * login is asked.
 */

import type { PersonRef, TokenStanding } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import type { Refused } from './authenticate.ts'
import type { ClaimsRenewal } from './claims-renewal.ts'
import type { KnownCredential } from './known-credentials.ts'
import type { People } from './people.ts'
import type { PresentedCredential } from './presented/read-credential.ts'
import { SYSTEM } from './principal.ts'
import type { CredentialBounds } from './project-directory.ts'
import { type AccessTokenAnswer, type AccessTokenFault, verifyAccessToken } from './tokens/access-token.ts'
import type { SigningKeySource } from './tokens/signing-keys.ts'

/** What to keep of it, and until when it is good. */
export type OwnAnswer = { readonly outcome: 'good'; readonly known: KnownCredential; readonly expiresAt: number } | Refused

export interface OwnTokens {
  personal(presented: Extract<PresentedCredential, { kind: 'personal' }>): OwnAnswer
  access(presented: Extract<PresentedCredential, { kind: 'access' }>): Promise<OwnAnswer>
}

export interface OwnTokensParts {
  readonly store: Pick<LoginStore, 'findToken' | 'getFamily'>
  readonly people: Pick<People, 'admit' | 'describe' | 'whyNot'>
  readonly renewal: Pick<ClaimsRenewal, 'renewIfOld'>
  readonly signingKeys: SigningKeySource
  readonly ownIssuer: () => string
  readonly now: () => number
}

const ENDED: Readonly<Record<Exclude<TokenStanding, 'live'>, string>> = {
  expired: 'The personal token has expired. Make a new one.',
  revoked: 'The personal token was revoked. Make a new one.',
}
const REASONS: Readonly<Partial<Record<AccessTokenFault, Refused['reason']>>> = {
  malformed: 'malformed',
  foreign: 'audience',
  expired: 'expired',
}

export function createOwnTokens({ store, people, renewal, signingKeys, ownIssuer, now }: OwnTokensParts): OwnTokens {
  function admit(person: PersonRef, bounds: CredentialBounds, known: Omit<KnownCredential, 'principal'>, expiresAt: number): OwnAnswer {
    const principal = people.admit(person, bounds)
    if (!principal) return refuse('issuer', people.whyNot(person))
    if (principal.claimsAt !== undefined) renewal.renewIfOld(person, principal.claimsAt)
    return { outcome: 'good', known: { principal, ...known }, expiresAt }
  }

  async function verify(text: string): Promise<AccessTokenAnswer> {
    const at = now()
    const answer = await verifyAccessToken(text, { keys: signingKeys.current(at), issuer: ownIssuer(), now: at })
    if (answer.outcome === 'good' || answer.fault !== 'unknown-key') return answer
    return await verifyAccessToken(text, { keys: await signingKeys.refresh(at), issuer: ownIssuer(), now: at })
  }

  return {
    personal({ hash }) {
      const found = store.findToken(hash, now())
      if (!found) return refuse('unknown', 'The personal token is not known here. Make a new one.')
      const { standing, token } = found
      if (standing !== 'live') return refuse(standing, ENDED[standing])
      const { id, owner, scopes, project, expiresAt } = token
      const credential = { kind: 'personal', id, expiresAt } as const
      return admit(owner, { scopes, project, tokenId: id, credential }, { tokenId: id }, expiresAt)
    },

    async access({ text }) {
      const answer = await verify(text)
      if (answer.outcome === 'refused') return refuse(REASONS[answer.fault] ?? 'unknown', answer.detail)
      const { person, scopes, project, familyId, expiresAt } = answer.token
      const family = store.getFamily(SYSTEM, familyId)
      if (family === undefined || family.endedAt !== undefined || family.expiresAt <= now())
        return refuse('revoked', 'The login that the access token hangs on has ended. Log in again.')
      const credential = { kind: 'access', id: familyId, expiresAt } as const
      return admit(person, { scopes, project, credential }, { familyId }, expiresAt)
    },
  }
}

function refuse(reason: Refused['reason'], says: string): Refused {
  return { outcome: 'refused', reason, says }
}
