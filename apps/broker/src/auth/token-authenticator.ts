/**
 * The authenticator of required mode. A credential that is known costs a hash and a look: no store, no signature, no login. One of ours that is not is
 * looked up in the store; one of a login's is judged by its login, within the verifier's bounds.
 */
import type { Authenticator, Refused } from './authenticate.ts'
import type { ForeignTokens } from './foreign-tokens.ts'
import type { KnownCredential, KnownCredentials } from './known-credentials.ts'
import type { LoginUpkeep } from './login-upkeep.ts'
import type { OwnAnswer, OwnTokens } from './own-tokens.ts'
import { type Malformed, type PresentedCredential, readCredential } from './presented/read-credential.ts'

export interface TokenAuthenticatorParts {
  readonly known: KnownCredentials
  readonly own: OwnTokens
  readonly foreign: ForeignTokens
  readonly upkeep: Pick<LoginUpkeep, 'noteToken'>
  /** The public URL of the broker. */
  readonly ownIssuer: () => string
  readonly now: () => number
}

const MISSING: Refused = { outcome: 'refused', reason: 'missing', says: 'No credential came.' }

export function createTokenAuthenticator({ known, own, foreign, upkeep, ownIssuer, now }: TokenAuthenticatorParts): Authenticator {
  /** Keeps what was found, unless something was ended meanwhile. */
  function settle(text: string, answer: OwnAnswer, mark: number): KnownCredential['principal'] | Refused {
    if (answer.outcome === 'refused') return answer
    known.keep(text, answer.known, { expiresAt: answer.expiresAt, mark, now: now() })
    note(answer.known)
    return answer.known.principal
  }

  function note({ tokenId }: KnownCredential): void {
    if (tokenId !== undefined) upkeep.noteToken(tokenId)
  }

  return {
    authenticate(headers, address) {
      const presented = readCredential(headers, ownIssuer())
      if (presented.kind === 'none') return MISSING
      if (presented.kind === 'malformed') return refuse(presented)
      const hit = known.find(presented.text, now())
      if (hit) {
        note(hit)
        return hit.principal
      }
      const mark = known.mark()
      if (presented.kind === 'personal') return settle(presented.text, own.personal(presented), mark)
      if (presented.kind === 'access') return own.access(presented).then(answer => settle(presented.text, answer, mark))
      return askForeign(presented, mark, address)
    },
  }

  function askForeign(
    { kind, text }: Extract<PresentedCredential, { kind: 'foreign' | 'opaque' }>,
    mark: number,
    address: string,
  ): ReturnType<Authenticator['authenticate']> {
    const keep = (answer: Awaited<ReturnType<ForeignTokens['authenticateOpaque']>>) => {
      if ('outcome' in answer) return answer
      return settle(text, { outcome: 'good', known: { principal: answer.principal }, expiresAt: answer.expiresAt }, mark)
    }
    const answer = kind === 'opaque' ? foreign.authenticateOpaque(text, address) : foreign.authenticate(text)
    return answer instanceof Promise ? answer.then(keep) : keep(answer)
  }
}

function refuse({ reason, detail, fix }: Malformed): Refused {
  return { outcome: 'refused', reason: reason === 'conflict' ? 'conflict' : 'malformed', says: `${detail} ${fix}` }
}
