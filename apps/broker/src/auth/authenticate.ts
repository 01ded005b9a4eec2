/**
 * The authentication port: how a request becomes a principal. Crash: nothing is kept. Two callers: answers depend on the request alone.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { LOCAL, type Principal } from './principal.ts'

/** Why a credential is not taken. */
export type RefusalReason =
  /** None came. */
  | 'missing'
  /** It cannot be read. */
  | 'malformed'
  /** It is none of ours and none of an admitted login. */
  | 'unknown'
  | 'expired'
  | 'revoked'
  /** It was made for another service. */
  | 'audience'
  /** The login that made it is not admitted, or did not make it. */
  | 'issuer'
  /** The person did not log in in one of the ways that count here. */
  | 'acr'
  /** Two different ones came. */
  | 'conflict'

export interface Refused {
  readonly outcome: 'refused'
  readonly reason: RefusalReason
  /** What is wrong and what to do, for whoever asks; never anything of the credential. */
  readonly says: string
}

/** Whoever could vouch for the credential does not answer. */
export interface Unavailable {
  readonly outcome: 'unavailable'
  readonly says: string
  readonly retryAfterSeconds: number
}

export type Authentication = Principal | Refused | Unavailable

export interface Authenticator {
  /** `address`: that of the client. Answers at once where it can: polls are many. Never throws for what a client can send. */
  authenticate(headers: IncomingHttpHeaders, address: string): Authentication | Promise<Authentication>
}

/** Open mode: everybody who can connect is the one local person; credentials are not looked at. */
export const openAuthenticator: Authenticator = { authenticate: () => LOCAL }
