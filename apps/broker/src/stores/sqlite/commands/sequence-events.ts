/**
 * `sequenceEvents`: numbers what is committed and has no number, in the order of the commits, and chains the hashes.
 */
import { CHAIN_START, chainHash } from '../../event-chain.ts'
import type { Command, CommandResults } from '../../store.ts'
import { param, prepare, query } from '../statement.ts'
import { type CommandContext, Refusal } from './context.ts'
import type { CheckLease } from './leases.ts'

const LEASE = 'events'

export function prepareSequenceEvents(
  { db }: CommandContext,
  check: CheckLease,
): (command: Extract<Command, { readonly kind: 'sequenceEvents' }>) => CommandResults['sequenceEvents'] {
  const last = prepare(
    db,
    query.selectFrom('events').select(['number', 'hash']).where('number', 'is not', null).orderBy('number', 'desc').limit(1).compile(),
  )
  const waiting = prepare(
    db,
    query
      .selectFrom('events')
      .select(['id', 'at', 'kind', 'work_id', 'attempt_id', 'site', 'project', 'actor', 'owner', 'detail_digest'])
      .where('number', 'is', null)
      .orderBy('id')
      .limit(param('limit'))
      .compile(),
  )
  const sequence = prepare(
    db,
    query
      .updateTable('events')
      .set({ number: param('number'), hash: param('hash') })
      .where('id', '=', param('id'))
      .compile(),
  )
  return ({ lease, limit }) => {
    if (lease.name !== LEASE) throw new Refusal('fenced')
    check(lease)
    const end = last.get({})
    let number = end?.number ?? 0
    let hash = end?.hash ?? CHAIN_START
    const events = waiting.all({ limit })
    for (const event of events) {
      number += 1
      hash = chainHash(hash, { ...event, number })
      sequence.run({ id: event.id, number, hash })
    }
    return { outcome: 'done', sequenced: events.length }
  }
}
