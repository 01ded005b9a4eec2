/**
 * Whether a person may create work by what their login said of them (`rules/claims-age.ts`). A person whose claims are young costs a comparison. For
 * one whose claims are too old the login is asked there and then, by the refresh token that we have; what it says now counts for this very request.
 */
import type { ClaimsRenewal } from './claims-renewal.ts'
import type { Freshness, Stale } from './login.ts'
import type { People } from './people.ts'
import type { Principal } from './principal.ts'
import { judgeClaimsAge } from './rules/claims-age.ts'

export interface FreshnessParts {
  readonly people: Pick<People, 'admit' | 'describe' | 'whyNot'>
  readonly renewal: Pick<ClaimsRenewal, 'renew'>
  readonly claimsMaxAgeMs: number
  readonly now: () => number
}

export function createFreshness({ people, renewal, claimsMaxAgeMs, now }: FreshnessParts): Freshness {
  const judge = (claimsAt: number) => judgeClaimsAge(claimsAt, claimsMaxAgeMs, now())

  async function renew(principal: Principal, claimsAt: number): Promise<Principal | Stale> {
    // Somebody else may have renewed them since this credential was looked at.
    const stored = people.describe(principal)?.claimsAt ?? claimsAt
    const verdict = judge(stored)
    if (verdict.outcome === 'too-old') {
      const renewed = await renewal.renew(principal)
      if (renewed.outcome === 'absent') return { stale: true, says: `${verdict.detail} Log in again: only you can renew it.` }
      if (renewed.outcome === 'unavailable')
        return { stale: true, says: `${verdict.detail} ${renewed.says}`, retryAfterSeconds: renewed.retryAfterSeconds }
    }
    const { scopes, project, tokenId, credential } = principal
    return (
      people.admit(principal, { scopes, project, tokenId, credential }) ?? {
        stale: true,
        says: people.whyNot(principal),
      }
    )
  }

  return {
    refresh(principal) {
      const { claimsAt } = principal
      return claimsAt === undefined || judge(claimsAt).outcome === 'fresh' ? principal : renew(principal, claimsAt)
    },
  }
}
