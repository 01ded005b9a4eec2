/**
 * Sessions of browsers, and device flows as the person who is to decide sees them.
 */
import type { Principal } from '../../../../auth/principal.ts'
import type { DeviceFlowRow, SecretHash, SessionRow, SessionStanding } from '../../../login-rows.ts'
import { isPerson } from '../../../login-rules/reach.ts'
import { sessionStanding } from '../../../login-rules/standing.ts'
import { prepareFindLiveDevice } from '../../live-device.ts'
import { SESSION_COLUMNS, toDevice, toSession, toSessionData } from '../../read-login-rows.ts'
import { param, prepare, query } from '../../statement.ts'
import type { ReadContext } from '../context.ts'

export interface ReadSessions {
  findSession(hash: SecretHash, now: number): { readonly standing: SessionStanding; readonly session: SessionRow } | undefined
  getSessionData(hash: SecretHash, now: number): string | undefined
  findDevice(principal: Principal, userHash: SecretHash, now: number): DeviceFlowRow | undefined
}

export function prepareReadSessions({ db, keys }: ReadContext): ReadSessions {
  const byHash = prepare(db, query.selectFrom('sessions').select(SESSION_COLUMNS).where('hash', '=', param('hash')).compile())
  const byUserCode = prepareFindLiveDevice(db)
  return {
    findSession(hash, now) {
      const row = byHash.get({ hash })
      const session = row && toSession(row)
      return session && { standing: sessionStanding(session, now), session }
    },
    getSessionData(hash, now) {
      const row = byHash.get({ hash })
      return row && sessionStanding(toSession(row), now) === 'live' ? toSessionData(keys, row) : undefined
    },
    findDevice(principal, userHash, now) {
      const row = byUserCode.get({ user_hash: userHash, now })
      const flow = row && toDevice(keys, row)
      return flow && (!flow.person || isPerson(principal, flow.person)) ? flow : undefined
    },
  }
}
