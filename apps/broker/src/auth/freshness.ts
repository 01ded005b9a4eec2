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
  readonly renewal: Pick<ClaimsRenewal, 'renew' | 'lastFailure'>
  readonly claimsMaxAgeMs: number
  readonly now: () => number
}

export function createFreshness({ people, renewal, claimsMaxAgeMs, now }: FreshnessParts): Freshness {
  const judge = (claimsAt: number) => judgeClaimsAge(claimsAt, claimsMaxAgeMs, now())

  /** Somebody else may have renewed the claims since this credential was looked at. */
  const judgeStored = (principal: Principal, claimsAt: number) => judge(people.describe(principal)?.claimsAt ?? claimsAt)

  const isFresh = ({ claimsAt }: Principal): boolean => claimsAt === undefined || judge(claimsAt).outcome === 'fresh'

  function readmit(principal: Principal): Principal | Stale {
    const { scopes, project, tokenId, credential } = principal
    return people.admit(principal, { scopes, project, tokenId, credential }) ?? { stale: true, says: people.whyNot(principal) }
  }

  async function renew(principal: Principal, claimsAt: number): Promise<Principal | Stale> {
    const verdict = judgeStored(principal, claimsAt)
    if (verdict.outcome === 'too-old') {
      const renewed = await renewal.renew(principal)
      if (renewed.outcome === 'absent') return { stale: true, says: `${verdict.detail} ${ONLY_THEY}` }
      if (renewed.outcome === 'unavailable')
        return { stale: true, says: `${verdict.detail} ${renewed.says}`, retryAfterSeconds: renewed.retryAfterSeconds }
    }
    return readmit(principal)
  }

  return {
    isFresh,
    look(principal) {
      const { claimsAt } = principal
      if (claimsAt === undefined || isFresh(principal)) return principal
      const verdict = judgeStored(principal, claimsAt)
      if (verdict.outcome === 'fresh') return readmit(principal)
      const failure = renewal.lastFailure(principal)
      // Its answer is never awaited, and it never rejects.
      void renewal.renew(principal)
      if (failure === undefined) return { stale: true, says: `${verdict.detail} It is asked now: look again in a moment.` }
      return { stale: true, says: `${verdict.detail} ${failure.outcome === 'absent' ? ONLY_THEY : failure.says}` }
    },
    refresh(principal) {
      const { claimsAt } = principal
      return claimsAt === undefined || isFresh(principal) ? principal : renew(principal, claimsAt)
    },
  }
}

const ONLY_THEY = 'Log in again: only you can renew it, and your tokens stay as they are.'
