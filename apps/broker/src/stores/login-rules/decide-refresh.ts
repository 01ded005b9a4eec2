/**
 * What becomes of a refresh token that is presented (RFC 9700, section 4.14.2): pure, and the only place that knows the rule.
 *
 * One token of a family is current: the newest. A token is exchanged once. Whose answer was lost may present it once more, within ten seconds
 * and as the same client, as long as what it was exchanged for has not been exchanged itself; it then gets a further successor, and the one
 * whose answer was lost is worth nothing. Everything else means that two hold tokens of one family, and ends it.
 */
import type { FamilyEnd } from '../login-rows.ts'

/** How long an answer may have been lost. */
const AGAIN_MS = 10_000

export interface RefreshFacts {
  readonly now: number
  /** Who presents it. */
  readonly client: string
  readonly family: {
    readonly client: string
    readonly expiresAt: number
    /** The number of the current token. */
    readonly current: number
    readonly why?: FamilyEnd | undefined
  }
  readonly token: {
    readonly number: number
    readonly usedAt?: number | undefined
    /** The number of what it was exchanged for last. */
    readonly successor?: number | undefined
    /** It was exchanged a second time. */
    readonly usedAgain: boolean
  }
}

export type RefreshDecision =
  | { readonly action: 'rotate' | 'rotateAgain' }
  | { readonly action: 'end'; readonly why: 'reuse' | 'expired' }
  | { readonly action: 'refuse'; readonly why: FamilyEnd }

export function decideRefresh({ now, client, family, token }: RefreshFacts): RefreshDecision {
  if (family.why !== undefined) return { action: 'refuse', why: family.why }
  if (now >= family.expiresAt) return { action: 'end', why: 'expired' }
  if (client !== family.client) return { action: 'end', why: 'reuse' }
  if (token.number === family.current) return { action: 'rotate' }
  const answerMayBeLost = token.successor === family.current && token.usedAt !== undefined && now - token.usedAt <= AGAIN_MS
  return answerMayBeLost && !token.usedAgain ? { action: 'rotateAgain' } : { action: 'end', why: 'reuse' }
}
