/**
 * What binds one login to the browser that began it: state, nonce, and the verifier of PKCE with its S256 challenge (RFC 7636). 256 random bits
 * each, in base64url.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import type { SecretHash } from '../../stores/login-rows.ts'
import type { RandomSource } from './random-source.ts'

export interface LoginSecrets {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** Sent in place of the verifier. */
  readonly challenge: string
}

const SECRET_BYTES = 32

export function makeLoginSecrets(random: RandomSource): LoginSecrets {
  const make = (): string => makeBinding(random)
  const verifier = make()
  return { state: make(), nonce: make(), verifier, challenge: challengeOf(verifier) }
}

/** The secret in the cookie of a browser that begins a login. */
export function makeBinding(random: RandomSource): string {
  return Buffer.from(random(SECRET_BYTES)).toString('base64url')
}

/** Whether a cookie can be one that `makeBinding` made. */
export function isBinding(text: string): boolean {
  return /^[\w-]{43}$/.test(text)
}

/** What a state or a binding is stored under. */
export function hashSecret(secret: string): SecretHash {
  return hash('sha256', secret, 'hex') as SecretHash
}

/** S256 of a verifier. */
export function challengeOf(verifier: string): string {
  return hash('sha256', verifier, 'base64url')
}

/** Whether two secrets are the same, in a time that tells nothing of either. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}
