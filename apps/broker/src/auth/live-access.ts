/**
 * What of a person is live: devices that are logged in or let in, and personal tokens. Newest first.
 */
import type { DeviceFlowRow, FamilyRow, Page, PagePlace, PersonRef, TokenRow } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import type { Principal } from './principal.ts'

export interface LiveAccess {
  /** Let in; they have not fetched their tokens yet. */
  readonly approved: readonly DeviceFlowRow[]
  readonly devices: readonly FamilyRow[]
  readonly tokens: readonly TokenRow[]
  /** There is more of one of them than is listed. */
  readonly isMore: boolean
}

const PAGE_SIZE = 100
/** Of each; a page for a person holds no more. */
const MOST_LISTED = 100

/** `principal` asks, for what is live of `person` at `now`, ms since 1970. */
export function readLiveAccess(store: LoginStore, principal: Principal, person: PersonRef, now: number): LiveAccess {
  const owner = { issuer: person.issuer, subject: person.subject }
  const devices = takeLive(
    after => store.listFamilies(principal, { owner, size: PAGE_SIZE, after }),
    ({ expiresAt, endedAt }) => endedAt === undefined && expiresAt > now,
  )
  const tokens = takeLive(
    after => store.listTokens(principal, { owner, size: PAGE_SIZE, after }),
    ({ expiresAt, revokedAt }) => revokedAt === undefined && expiresAt > now,
  )
  return {
    approved: store.listApproved(principal, owner, now),
    devices: devices.slice(0, MOST_LISTED),
    tokens: tokens.slice(0, MOST_LISTED),
    isMore: devices.length > MOST_LISTED || tokens.length > MOST_LISTED,
  }
}

/** One more than is listed, if there is one. */
function takeLive<Row>(read: (after: PagePlace | undefined) => Page<Row>, isLive: (row: Row) => boolean): readonly Row[] {
  const live: Row[] = []
  let after: PagePlace | undefined
  do {
    const { rows, next } = read(after)
    live.push(...rows.filter(isLive))
    after = next
  } while (after !== undefined && live.length <= MOST_LISTED)
  return live
}
