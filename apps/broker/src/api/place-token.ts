/**
 * Page tokens of the lists of tokens, logins and uploads. A token names the place where a page ended, and is signed together with the list, with whose
 * entries were asked for, and with who asked by which kind of credential: it is worth nothing for anything else.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import * as z from 'zod/mini'
import type { Principal } from '../auth/principal.ts'
import type { PagePlace, PersonRef } from '../stores/login-rows.ts'
import { sightOf } from '../stores/visibility.ts'

const MAC_BYTES = 16

/** Whose entries a list shows; absent: of everybody. */
export interface PlaceOf {
  readonly list: 'tokens' | 'logins' | 'uploads'
  readonly owner: PersonRef | undefined
}

export interface PlaceTokens {
  sign(principal: Principal, of: PlaceOf, place: PagePlace): string
  /** Undefined if the token is not one of ours for this list and who asks. */
  verify(principal: Principal, of: PlaceOf, token: string): PagePlace | undefined
}

const Place = z.tuple([z.int(), z.string()])

export function createPlaceTokens(key: Uint8Array): PlaceTokens {
  const macOf = (principal: Principal, { list, owner }: PlaceOf, place: string): Buffer =>
    createHmac('sha256', key)
      .update(
        JSON.stringify([list, owner?.issuer ?? '', owner?.subject ?? '', principal.issuer, principal.subject, sightOf(principal), place]),
      )
      .digest()
      .subarray(0, MAC_BYTES)

  return {
    sign(principal, of, { createdAt, id }) {
      const place = JSON.stringify([createdAt, id])
      return Buffer.concat([macOf(principal, of, place), Buffer.from(place)]).toString('base64url')
    },
    verify(principal, of, token) {
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== token) return undefined
      const place = bytes.subarray(MAC_BYTES).toString()
      if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(principal, of, place))) return undefined
      const [createdAt, id] = Place.parse(JSON.parse(place))
      return { createdAt, id }
    },
  }
}
