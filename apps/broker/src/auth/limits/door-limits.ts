/**
 * Which buckets a request takes from, and how large they are: creates and logins by person and by address, wrong secrets by address alone, polls by
 * person. Pure.
 */
import { addressKey } from './client-address.ts'
import type { BucketRule } from './token-bucket.ts'

/** `create`: a task or a token. `login`: beginning or ending one, a token exchange. `guess`: a secret that turned out wrong. `poll`: any read. */
export type DoorAct = 'create' | 'login' | 'guess' | 'poll'

export interface DoorRules {
  /** What one person, one credential of theirs or another, may do. */
  readonly person: Readonly<Record<DoorAct, BucketRule>>
  /** What one address may do: many people stand behind one. */
  readonly address: Readonly<Record<DoorAct, BucketRule>>
}

/**
 * Far above what engines do (a workflow submits some thousand tasks at once, and polls each of them every few seconds), far below what hurts. With
 * ten wrong secrets and one more every six seconds from an address, a user code that lives for ten minutes is found with a chance of one in 2 * 10^8.
 */
export const DOOR_RULES: DoorRules = {
  person: {
    create: { burst: 5_000, perSecond: 100 },
    login: { burst: 20, perSecond: 1 / 3 },
    guess: { burst: 10, perSecond: 1 / 6 },
    poll: { burst: 2_000, perSecond: 1_000 },
  },
  address: {
    create: { burst: 20_000, perSecond: 500 },
    login: { burst: 60, perSecond: 1 },
    guess: { burst: 10, perSecond: 1 / 6 },
    poll: { burst: 10_000, perSecond: 5_000 },
  },
}

export interface Asking {
  readonly address: string
  /** Who they are, if that is known. */
  readonly person?: { readonly issuer: string; readonly subject: string } | undefined
}

export interface BucketUse {
  readonly key: string
  readonly rule: BucketRule
}

/** The buckets that an act takes from, all of them or none. */
export function bucketsOf(act: DoorAct, { address, person }: Asking, rules: DoorRules): readonly BucketUse[] {
  const byAddress: BucketUse = { key: `${act} address ${addressKey(address)}`, rule: rules.address[act] }
  if (!person) return [byAddress]
  return [{ key: `${act} person ${JSON.stringify([person.issuer, person.subject])}`, rule: rules.person[act] }, byAddress]
}
