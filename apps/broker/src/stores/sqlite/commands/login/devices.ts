/**
 * `startDevice`, `approveDevice` and `denyDevice`: a device flow up to the decision of the person.
 */
import type { ProjectId } from '@portolan/federation'
import { sql } from 'kysely'
import type { Principal, Scope } from '../../../../auth/principal.ts'
import { encode } from '../../../codec.ts'
import { exceeds } from '../../../login-rules/reach.ts'
import { prepareFindLiveDevice } from '../../live-device.ts'
import { codedName, toDevice } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import { prepareDropOldest } from './drop-oldest.ts'
import type { RunLogin } from './login-commands.ts'

export function prepareStartDevice({ db, keys }: CommandContext): RunLogin<'startDevice'> {
  const releaseCode = prepare(
    db,
    query
      .updateTable('device_flows')
      .set({ user_hash: null })
      .where('user_hash', '=', param('user_hash'))
      .where('expires_at', '<=', param('now'))
      .compile(),
  )
  const taken = prepare(db, query.selectFrom('device_flows').select('id').where('user_hash', '=', param('user_hash')).compile())
  const insert = prepare(
    db,
    query
      .insertInto('device_flows')
      .values({
        ...params('id', 'device_hash', 'user_hash', 'origin', 'scopes', 'created_at', 'expires_at', 'interval_ms', 'poll_after_at'),
        state: 'pending',
      })
      .compile(),
  )
  const drop = prepareDropOldest(db, 'device_flows', sql`state = 'pending'`)
  return ({ flow, most, now }) => {
    const { id, deviceHash, userHash, client, address, scopes, expiresAt, intervalMs } = flow
    releaseCode.run({ user_hash: userHash, now })
    if (taken.get({ user_hash: userHash })) return { outcome: 'userCodeTaken' }
    const dropped = drop.run({ now, most: most - 1 })
    insert.run({
      id,
      device_hash: deviceHash,
      user_hash: userHash,
      origin: encode(keys, codedName.origin(id), JSON.stringify({ client, address })),
      scopes: JSON.stringify(scopes),
      created_at: now,
      expires_at: expiresAt,
      interval_ms: intervalMs,
      // The first poll may come at once.
      poll_after_at: now,
    })
    return { outcome: 'started', dropped }
  }
}

interface Decision {
  readonly state: 'approved' | 'denied'
  readonly principal: Principal
  readonly scopes: readonly Scope[]
  readonly project?: ProjectId | undefined
}

export function prepareDecideDevices({ db, keys }: CommandContext): {
  readonly approveDevice: RunLogin<'approveDevice'>
  readonly denyDevice: RunLogin<'denyDevice'>
} {
  const findLive = prepareFindLiveDevice(db)
  const decide = prepare(
    db,
    query
      .updateTable('device_flows')
      .set(params('state', 'scopes', 'issuer', 'subject', 'project'))
      .where('id', '=', param('id'))
      .compile(),
  )
  const session = prepare(
    db,
    query
      .selectFrom('sessions')
      .select('hash')
      .where('hash', '=', param('hash'))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', param('now'))
      .compile(),
  )
  /** Between the look at a session and this step it may have been ended: it lets nobody in after that. */
  const hasEnded = (hash: string | undefined, now: number): boolean => hash !== undefined && session.get({ hash, now }) === undefined
  const find = (userHash: string, now: number) => {
    const row = findLive.get({ user_hash: userHash, now })
    return row && toDevice(keys, row)
  }
  const keep = (id: string, { state, principal, scopes, project }: Decision) => {
    const { issuer, subject } = principal
    decide.run({ id, state, scopes: JSON.stringify(scopes), issuer, subject, project })
  }

  return {
    approveDevice({ principal, session: hash, userHash, scopes, project, now }) {
      if (hasEnded(hash, now)) return { outcome: 'ended' }
      const flow = find(userHash, now)
      if (!flow) return { outcome: 'notFound' }
      if (flow.state !== 'pending') return { outcome: 'decided' }
      if (exceeds({ ...principal, scopes: flow.scopes }, { scopes, project }) || exceeds(principal, { scopes, project })) {
        return { outcome: 'exceeds' }
      }
      keep(flow.id, { state: 'approved', principal, scopes, project })
      return { outcome: 'approved' }
    },
    denyDevice({ principal, userHash, now }) {
      const flow = find(userHash, now)
      if (!flow) return { outcome: 'notFound' }
      if (flow.state !== 'pending') return { outcome: 'decided' }
      keep(flow.id, { state: 'denied', principal, scopes: [] })
      return { outcome: 'denied' }
    },
  }
}
