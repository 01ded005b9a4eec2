/**
 * Which of our key pairs signs, which verify, and what the world is told of them. Pure: the same keys and time give the same answer, so replicas
 * that share their keys agree without a word. A new key is published at once and signs only after `ANNOUNCE_MS`, when every replica and every
 * reader of the JWKS knows it; the one before verifies until the last token that it signed is over.
 */
import type { KeyObject } from 'node:crypto'

export interface SigningKey {
  readonly id: string
  /** ms since 1970. */
  readonly createdAt: number
  /** P-256, for ES256. */
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** Oldest first. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]]

/** The signing keys as they are now (`stores/signing-key-source.ts`). */
export interface SigningKeySource {
  /** The keys at hand; begins to read them anew if that is due. */
  current(now: number): SigningKeys
  /** The same, read anew first if that is due: for what is told to the world, which nobody may have asked for a long while. */
  newest(now: number): Promise<SigningKeys>
  /** Reads them now, unless that was done in the last five seconds. For a token whose key is not known. */
  refresh(now: number): Promise<SigningKeys>
}

/** Longer than replicas take to see a new key, and than readers keep a JWKS (ten minutes in most libraries). */
export const ANNOUNCE_MS = 15 * 60_000

/** The longest life of an access token, whatever the configuration says. */
export const LONGEST_ACCESS_MS = 60 * 60_000

/** Clocks of replicas may differ by this much. */
export const CLOCK_LEEWAY_MS = 60_000

/** The newest key that has been announced for long enough; the very first needs no announcing. */
export function signerOf(keys: SigningKeys, now: number): SigningKey {
  return keys.findLast((_, index) => signsFrom(keys, index) <= now) ?? keys[0]
}

/** The keys whose signatures count: all but those that a newer one relieved so long ago that nothing they signed can be valid. */
export function verifiersOf(keys: SigningKeys, now: number): readonly SigningKey[] {
  const reliefOver = LONGEST_ACCESS_MS + CLOCK_LEEWAY_MS
  const relieved = keys.findLastIndex((_, index) => signsFrom(keys, index) + reliefOver <= now)
  return keys.slice(Math.max(relieved, 0))
}

/** A public key as RFC 7517 writes it. */
export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'ES256'
}

/** The JWKS document: every key that verifies or soon will, public parts only. */
export function jwksOf(keys: SigningKeys, now: number): { readonly keys: readonly PublicJwk[] } {
  return { keys: verifiersOf(keys, now).map(toJwk) }
}

function signsFrom(keys: SigningKeys, index: number): number {
  const key = keys[index]
  return index === 0 || key === undefined ? Number.NEGATIVE_INFINITY : key.createdAt + ANNOUNCE_MS
}

function toJwk({ id, publicKey }: SigningKey): PublicJwk {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return { kty: 'EC', crv: 'P-256', x, y, kid: id, use: 'sig', alg: 'ES256' }
}
