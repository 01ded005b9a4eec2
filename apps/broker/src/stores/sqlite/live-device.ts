import type { DatabaseSync } from 'node:sqlite'
import { DEVICE_COLUMNS, type StoredDevice } from './read-login-rows.ts'
import { param, prepare, query, type Statement } from './statement.ts'

/** The device flow that a person means by a user code: by `user_hash`, if it has not expired at `now`. */
export function prepareFindLiveDevice(db: DatabaseSync): Statement<StoredDevice> {
  return prepare(
    db,
    query
      .selectFrom('device_flows')
      .select(DEVICE_COLUMNS)
      .where('user_hash', '=', param('user_hash'))
      .where('expires_at', '>', param('now'))
      .compile(),
  )
}
