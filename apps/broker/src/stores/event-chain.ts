/**
 * The chain of events: each sequenced event's hash covers its own facts and the hash before it, so that none can be changed, dropped or
 * slipped in afterwards unseen. Details are covered by their digest, so that one can be forgotten and the chain still holds. Pure.
 */
import { createHash } from 'node:crypto'

export interface ChainedEvent {
  readonly number: number
  readonly at: number
  readonly kind: string
  readonly work_id: string | null
  readonly attempt_id: string | null
  readonly site: string | null
  readonly project: string | null
  readonly actor: string
  readonly owner: string | null
  readonly detail_digest: string | null
}

/** What the first event stands on. */
export const CHAIN_START = createHash('sha256').update('portolan events').digest('hex')

/** The hash of an event behind one with the hash `previous`. SHA-256 in hex. */
export function chainHash(previous: string, event: ChainedEvent): string {
  const facts = [
    event.number,
    event.at,
    event.kind,
    event.work_id,
    event.attempt_id,
    event.site,
    event.project,
    event.actor,
    event.owner,
    event.detail_digest,
  ]
  return createHash('sha256')
    .update(`${previous}\n${JSON.stringify(facts)}`)
    .digest('hex')
}

export interface ChainEnd {
  readonly number: number
  readonly hash: string
}

/** The end of the chain after these events, or the number at which it is broken. `detail` is as stored; null if there is none any more. */
export function walkChain(
  from: ChainEnd,
  events: readonly (ChainedEvent & { readonly hash: string | null; readonly detail: Uint8Array | null })[],
): { readonly end: ChainEnd; readonly brokenAt?: number | undefined } {
  let end = from
  for (const event of events) {
    const number = end.number + 1
    const detailHolds = event.detail === null || createHash('sha256').update(event.detail).digest('hex') === event.detail_digest
    const hash = chainHash(end.hash, event)
    if (event.number !== number || event.hash !== hash || !detailHolds) return { end, brokenAt: number }
    end = { number, hash }
  }
  return { end }
}
