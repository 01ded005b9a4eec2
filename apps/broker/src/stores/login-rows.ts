/**
 * What the login store keeps, as it is read. Times are ms since 1970. Texts (`…Text`) are plain here and coded at rest; secrets never come in,
 * only their hashes.
 */
import type { ProjectId } from '@portolan/federation'
import type { Scope } from '../auth/principal.ts'

declare const brand: unique symbol

/** SHA-256 in 64 small hex digits of a random secret of 256 bits; of a user code, which is short, of a digest by a key that is not in the store,
 *  so that who steals the file cannot try all codes. Who can name it has the secret. */
export type SecretHash = string & { readonly [brand]: 'SecretHash' }
/** A random id; it says nothing and opens nothing. */
export type TokenId = string & { readonly [brand]: 'TokenId' }
export type FamilyId = string & { readonly [brand]: 'FamilyId' }
export type DeviceFlowId = string & { readonly [brand]: 'DeviceFlowId' }

/** A person, by the exact text of the issuer and what it calls them. */
export interface PersonRef {
  readonly issuer: string
  readonly subject: string
}

export interface PersonRow extends PersonRef {
  /** What the issuer said of the person, JSON text. */
  readonly claimsText: string
  /** When it said so. */
  readonly claimsAt: number
  readonly firstSeenAt: number
  readonly lastLoginAt: number
  /** The same person at the issuer behind the issuer. */
  readonly linked?: PersonRef | undefined
}

/** `live`: it opens the door. The others do not; they are told apart so that the answer can say why. */
export type TokenStanding = 'live' | 'expired' | 'revoked'

export interface TokenRow {
  readonly id: TokenId
  readonly owner: PersonRef
  /** The token works in this project only. */
  readonly project?: ProjectId | undefined
  readonly scopes: readonly Scope[]
  readonly name: string
  readonly createdAt: number
  readonly expiresAt: number
  /** To the minute. */
  readonly lastUsedAt?: number | undefined
  readonly revokedAt?: number | undefined
}

/** `logout`: by the client; `revoked`: by the owner or an admin; `reuse`: a token came back that had been replaced; `displaced`: by newer logins of the
 *  same person, who may have only so many. */
export type FamilyEnd = 'logout' | 'reuse' | 'expired' | 'revoked' | 'displaced'

/** The refresh tokens that came one from another since one login of one client. */
export interface FamilyRow {
  readonly id: FamilyId
  readonly owner: PersonRef
  readonly project?: ProjectId | undefined
  readonly scopes: readonly Scope[]
  /** The kind of client and the name of its device, for instance `cli ada-laptop`. */
  readonly client: string
  readonly createdAt: number
  /** No rotation moves it. */
  readonly expiresAt: number
  /** The number of the one token that is current; the first is 1. */
  readonly current: number
  readonly endedAt?: number | undefined
  readonly why?: FamilyEnd | undefined
}

/** `idle`: not seen for `idleMs`; `expired`: beyond `expiresAt`; `ended`: logged out, or replaced at a login. */
export type SessionStanding = 'live' | 'idle' | 'expired' | 'ended'

export interface SessionRow {
  readonly owner: PersonRef
  readonly createdAt: number
  /** To the minute. */
  readonly lastSeenAt: number
  readonly idleMs: number
  readonly expiresAt: number
  readonly endedAt?: number | undefined
}

export type DeviceFlowState = 'pending' | 'approved' | 'denied' | 'used'

/** A login by device flow (RFC 8628), as it is shown to the person who is to confirm it. */
export interface DeviceFlowRow {
  readonly id: DeviceFlowId
  readonly state: DeviceFlowState
  readonly client: string
  /** Where the device asked from. */
  readonly address: string
  /** What it asked for; once approved, what it got. */
  readonly scopes: readonly Scope[]
  readonly createdAt: number
  readonly expiresAt: number
  /** Who decided, and for which project. */
  readonly person?: PersonRef | undefined
  readonly project?: ProjectId | undefined
}

/** What was done by a person, or to what is theirs, at the door. */
export interface PersonEvent {
  readonly number?: number | undefined
  readonly at: number
  readonly kind: 'login' | 'tokenCreated' | 'tokenRevoked' | 'familyStarted' | 'familyEnded'
  /** JSON text. */
  readonly detailText?: string | undefined
}

/** Part of a list, newest first. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Pass as `after` for the next page; absent: this was the last. */
  readonly next?: PagePlace | undefined
}

/** Behind which row a page begins. */
export interface PagePlace {
  readonly createdAt: number
  readonly id: string
}

/** Which part of a list. `owner`: only what is this person's; absent: all that the principal may see. */
export interface PageOf {
  readonly owner?: PersonRef | undefined
  readonly size: number
  readonly after?: PagePlace | undefined
}

/** Whatever lets somebody act in the name of a person, newest first. */
export interface LiveRows {
  /** Let in; they have not fetched their tokens yet. */
  readonly approved: readonly DeviceFlowRow[]
  readonly devices: readonly FamilyRow[]
  readonly tokens: readonly TokenRow[]
}
