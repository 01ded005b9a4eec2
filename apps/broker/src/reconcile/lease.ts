/**
 * Holding a lease: claimed, renewed a third of its life before its end, given back at the end. Its epoch stands in every write made under it.
 */
import type { Logger } from 'pino'
import { SYSTEM } from '../auth/principal.ts'
import type { LeaseProof, Store } from '../stores/store.ts'

/** How long a lease outlives its last renewal, unless told otherwise: after a crash nobody works for so long. */
export const LEASE_TTL_MS = 15_000
const RENEWALS_A_LIFE = 3

export interface LeaseHolder {
  /** The proof while the lease is held; undefined while another owner has it. */
  hold(): Promise<LeaseProof | undefined>
  /** Called when a write was refused as fenced: the lease is claimed anew before the next one. */
  drop(): void
  release(): Promise<void>
}

export function createLeaseHolder(store: Store, name: string, owner: string, ttlMs: number, now: () => number, log: Logger): LeaseHolder {
  const renewAfterMs = ttlMs / RENEWALS_A_LIFE
  let proof: LeaseProof | undefined
  let renewAt = 0
  let claimAt = 0

  async function claim(): Promise<void> {
    if (now() < claimAt) return
    const answer = await store.execute({ kind: 'claimLease', principal: SYSTEM, name, owner, ttlMs, now: now() })
    if (answer.outcome === 'claimed') {
      proof = { name, owner, epoch: answer.epoch }
      renewAt = now() + renewAfterMs
    } else {
      claimAt = Math.min(answer.expiresAt, now() + 1000)
      log.debug({ lease: name, holder: answer.owner }, 'lease is held by another replica')
    }
  }

  return {
    async hold() {
      if (proof && now() >= renewAt) {
        const answer = await store.execute({ kind: 'renewLease', principal: SYSTEM, lease: proof, ttlMs, now: now() })
        if (answer.outcome === 'renewed') renewAt = now() + renewAfterMs
        else proof = undefined
      }
      if (!proof) await claim()
      return proof
    },
    drop() {
      proof = undefined
    },
    async release() {
      if (proof) await store.execute({ kind: 'releaseLease', principal: SYSTEM, lease: proof })
      proof = undefined
    },
  }
}
