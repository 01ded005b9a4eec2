/**
 * Page tokens of lists. A token names the last item of a page and is signed together with what its owner may see and with the filters, so that
 * it is worth nothing to somebody else, by a credential for another project, after projects were joined or left, with other filters, or when it
 * was made up.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { WORK_ID, type WorkId } from '@portolan/federation'
import type { Principal } from '../auth/principal.ts'
import type { ListFilter } from '../stores/store.ts'
import { sightOf } from '../stores/visibility.ts'

const MAC_BYTES = 16
const ID_CHARACTERS = 26

export interface PageTokens {
  sign(principal: Principal, filter: ListFilter, after: WorkId): string
  /** The last item of the page before; undefined if the token is not one of ours for this owner and these filters. */
  verify(principal: Principal, filter: ListFilter, token: string): WorkId | undefined
}

export function createPageTokens(key: Uint8Array): PageTokens {
  const macOf = (principal: Principal, filter: ListFilter, after: string): Buffer =>
    createHmac('sha256', key)
      .update(
        JSON.stringify([
          after,
          principal.issuer,
          principal.subject,
          sightOf(principal),
          filter.namePrefix ?? '',
          filter.state ?? '',
          filter.tags,
        ]),
      )
      .digest()
      .subarray(0, MAC_BYTES)

  return {
    sign: (principal, filter, after) =>
      Buffer.concat([Buffer.from(after, 'latin1'), macOf(principal, filter, after)]).toString('base64url'),
    verify(principal, filter, token) {
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.length !== ID_CHARACTERS + MAC_BYTES || bytes.toString('base64url') !== token) return undefined
      const after = bytes.toString('latin1', 0, ID_CHARACTERS)
      if (!WORK_ID.test(after) || !timingSafeEqual(bytes.subarray(ID_CHARACTERS), macOf(principal, filter, after))) return undefined
      return after as WorkId
    },
  }
}
