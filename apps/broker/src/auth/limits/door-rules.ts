/**
 * Which buckets an act takes from, and how large they are unless `limits.rates` says otherwise. Pure.
 */
import type { PersonRef } from '../../stores/login-rows.ts'
import { addressKey, networkKeys } from './client-address.ts'
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
  const byAddress = address === undefined ? [] : bucketsOfAddress(act, address, rules.address[act])
  if (!person) return byAddress
  return [{ key: `${act} person ${JSON.stringify([person.issuer, person.subject])}`, rule: rules.person[act] }, ...byAddress]
}

/** What is bounded for all together, or guessed at: there the many addresses of one subscriber count together too. */
const OF_NETWORKS: readonly RateAct[] = ['login', 'code', 'failure']
/** So much more than an address may a network of them. The larger one is often that of many homes: one of them leaves the others more than half of it. */
const HOME_FACTOR = 2
const SITE_FACTOR = 5

function bucketsOfAddress(act: RateAct, address: string, rule: BucketRule): readonly BucketUse[] {
  const ofAddress = { key: `${act} address ${addressKey(address)}`, rule }
  const networks = OF_NETWORKS.includes(act) ? networkKeys(address) : undefined
  if (networks === undefined) return [ofAddress]
  const { home, site } = networks
  return [
    ofAddress,
    { key: `${act} network ${home}`, rule: timesAs(HOME_FACTOR, rule) },
    { key: `${act} network ${site}`, rule: timesAs(SITE_FACTOR, rule) },
  ]
}

function timesAs(factor: number, { burst, perSecond }: BucketRule): BucketRule {
  return { burst: burst * factor, perSecond: perSecond * factor }
}
