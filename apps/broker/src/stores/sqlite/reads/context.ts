/**
 * What every read works with. Reads run on the caller's thread, on a connection that cannot write.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Principal } from '../../../auth/principal.ts'
import type { KeyRing } from '../../key-ring.ts'

export interface ReadContext {
  readonly db: DatabaseSync
  readonly keys: KeyRing
}

/** Throws for everybody but the broker itself: what is asked for is not anybody's to see. */
export function demandBroker(principal: Principal): void {
  if (!principal.roles.includes('system')) throw new Error(`this read is for the broker itself, not for ${principal.subject}`)
}
