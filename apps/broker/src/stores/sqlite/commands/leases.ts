/**
 * Leases: one owner at a time, and an epoch that rises with every claim. A write names its lease; under an epoch that is no longer the newest
 * it is refused (invariant I6). A lease that has run out but that nobody else has claimed is still good: nobody can have written in between.
 */
import type { Command, CommandResults, LeaseProof } from '../../store.ts'
import { param, params, prepare, query } from '../statement.ts'
import type { AppendEvent } from './append-event.ts'
import { type CommandContext, Refusal } from './context.ts'

type Of<K extends Command['kind']> = Extract<Command, { readonly kind: K }>

/** Throws the refusal `fenced`. */
export type CheckLease = (lease: LeaseProof) => void

/** A released lease has an owner that nobody is. */
const NOBODY = ''

export function prepareLeaseCheck({ db }: CommandContext): CheckLease {
  const holds = prepare(
    db,
    query
      .selectFrom('leases')
      .select('epoch')
      .where('name', '=', param('name'))
      .where('owner', '=', param('owner'))
      .where('epoch', '=', param('epoch'))
      .compile(),
  )
  return ({ name, owner, epoch }) => {
    if (owner === NOBODY || !holds.get({ name, owner, epoch })) throw new Refusal('fenced')
  }
}

export function prepareClaimLease(
  { db }: CommandContext,
  append: AppendEvent,
): (command: Of<'claimLease'>) => CommandResults['claimLease'] {
  const read = prepare(db, query.selectFrom('leases').select(['owner', 'epoch', 'expires_at']).where('name', '=', param('name')).compile())
  const claim = prepare(
    db,
    query
      .insertInto('leases')
      .values(params('name', 'owner', 'epoch', 'expires_at', 'issuer', 'subject', 'project'))
      .onConflict(conflict =>
        conflict.column('name').doUpdateSet({ owner: param('owner'), epoch: param('epoch'), expires_at: param('expires_at') }),
      )
      .compile(),
  )
  return ({ principal, name, owner, ttlMs, now }) => {
    const held = read.get({ name })
    if (held && held.owner !== owner && held.owner !== NOBODY && held.expires_at > now) {
      return { outcome: 'taken', owner: held.owner, expiresAt: held.expires_at }
    }
    const epoch = (held?.epoch ?? 0) + 1
    const { issuer, subject } = principal
    claim.run({ name, owner, epoch, expires_at: now + ttlMs, issuer, subject, project: principal.project ?? '' })
    append({ at: now, kind: 'leaseClaimed', actor: principal, detail: { name, owner, epoch } })
    return { outcome: 'claimed', epoch }
  }
}

export function prepareRenewLease({ db }: CommandContext, check: CheckLease): (command: Of<'renewLease'>) => CommandResults['renewLease'] {
  const renew = prepare(
    db,
    query
      .updateTable('leases')
      .set({ expires_at: param('expires_at') })
      .where('name', '=', param('name'))
      .compile(),
  )
  return ({ lease, ttlMs, now }) => {
    check(lease)
    renew.run({ name: lease.name, expires_at: now + ttlMs })
    return { outcome: 'renewed' }
  }
}

export function prepareReleaseLease(
  { db }: CommandContext,
  check: CheckLease,
): (command: Of<'releaseLease'>) => CommandResults['releaseLease'] {
  const release = prepare(db, query.updateTable('leases').set({ owner: NOBODY, expires_at: 0 }).where('name', '=', param('name')).compile())
  return ({ lease }) => {
    check(lease)
    release.run({ name: lease.name })
    return { outcome: 'released' }
  }
}
