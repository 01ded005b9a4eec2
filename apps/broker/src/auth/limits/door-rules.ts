/**
 * Which buckets an act takes from, and how large they are unless `limits.rates` says otherwise. Pure.
 */
import type { PersonRef } from '../../stores/login-rows.ts'
import { addressKey } from './client-address.ts'
import type { BucketRule } from './token-bucket.ts'

/**
 * `create`: a task or a token. `login`: beginning or refreshing one. `code`: a user code that somebody types. `failure`: a credential that turned out
 * wrong. `token`: a token that a login has to be asked about. `body`: bytes of bodies under way, which have no bucket. `poll`: everything else that a person asks. A code and a credential are alike to guess, but
 * who guesses the one does not shut out the other.
 */
export type DoorAct = RateAct | 'body'
/** What has buckets. */
export type RateAct = RefusedAct | 'poll' | 'token'
export type RefusedAct = 'create' | 'login' | 'code' | 'failure'

export interface DoorRules {
  /** What one person, one credential of theirs or another, may do. */
  readonly person: Readonly<Record<RateAct, BucketRule>>
  /** What one address may do: many people stand behind one. */
  readonly address: Readonly<Record<RateAct, BucketRule>>
}

/** Who does something. Of a principal only the person counts: all their credentials share their buckets. */
export interface Asking {
  /** Absent: what others do behind the same address does not count. */
  readonly address?: string | undefined
  /** Who they are, if that is known. */
  readonly person?: PersonRef | undefined
}

export interface BucketUse {
  readonly key: string
  readonly rule: BucketRule
}

/** The buckets that an act takes from, all of them or none. */
export function bucketsOf(act: RateAct, { address, person }: Asking, rules: DoorRules): readonly BucketUse[] {
  const byAddress = address === undefined ? [] : [{ key: `${act} address ${addressKey(address)}`, rule: rules.address[act] }]
  if (!person) return byAddress
  return [{ key: `${act} person ${JSON.stringify([person.issuer, person.subject])}`, rule: rules.person[act] }, ...byAddress]
}
