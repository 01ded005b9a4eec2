/**
 * What is said of a token: it is valid, it is refused for one of a closed list of reasons, or nobody can tell now. No sentence here ever holds
 * a part of the token.
 */
import type { Claims } from './claims.ts'

export const REFUSAL_REASONS = [
  /** Longer than 16 KiB; nothing of it was read. */
  'too_large',
  /** Neither a signed JWT in compact form nor an opaque token that may be asked about. */
  'malformed',
  /** Its issuer is not on the list; nothing was asked of anybody. */
  'unknown_issuer',
  /** Signed by an algorithm that is not allowed, `none` and HMAC among them. */
  'algorithm',
  /** It demands extensions (`crit`) that are not known here. */
  'critical_header',
  /** A JWT for another purpose: an ID token, a visa, a passport, a logout token. */
  'token_type',
  /** The issuer has no such key. */
  'unknown_key',
  'signature',
  'expired',
  'not_yet_valid',
  /** It names no person (`sub`). */
  'no_subject',
  /** It was issued for another service, or to another client. */
  'audience',
  /** It is bound to a key (`cnf`), whose possession nobody has shown. */
  'key_bound',
  /** The issuer no longer accepts it, or never issued it. */
  'revoked',
  /** The issuer gives no data about the person for it. */
  'insufficient_scope',
  /** The issuer answered with the data of another person. */
  'subject_mismatch',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

export interface ValidToken {
  readonly outcome: 'valid'
  readonly issuer: string
  readonly subject: string
  /** The client that the token was issued to (`azp`, else `client_id`). */
  readonly clientId: string | undefined
  readonly scopes: readonly string[]
  /** ms since 1970. */
  readonly expiresAt: number
  /** `jti`. */
  readonly tokenId: string | undefined
}

export interface VerifiedToken extends ValidToken {
  readonly claims: Claims
}

export interface RefusedToken {
  readonly outcome: 'refused'
  readonly reason: RefusalReason
  /** A sentence for the person, with what to do. */
  readonly detail: string
}

/** The login did not answer as it must. Says nothing about the token; nobody is let in for it. */
export interface UnavailableIssuer {
  readonly outcome: 'unavailable'
  readonly issuer: string
  readonly detail: string
  /** When to ask again, in ms from now. */
  readonly retryAfterMs: number
}

/** What the signature, or introspection, says. */
export type TokenCheck = ValidToken | RefusedToken | UnavailableIssuer
/** The same, with the person's claims. */
export type Verification = VerifiedToken | RefusedToken | UnavailableIssuer

export function refuse(reason: RefusalReason, detail: string): RefusedToken {
  return { outcome: 'refused', reason, detail }
}
