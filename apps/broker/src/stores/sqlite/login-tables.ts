/**
 * The tables of the login store as queries see them. Times are ms since 1970; a hash is SHA-256 in hex; what is a `Uint8Array` has passed the
 * codec. A project is null where the row is bound to none.
 */
interface PersonColumns {
  issuer: string
  subject: string
}

export interface PersonsTable extends PersonColumns {
  claims: Uint8Array
  claims_at: number
  first_seen_at: number
  last_login_at: number
  linked_issuer: string | null
  linked_subject: string | null
  upstream_refresh: Uint8Array | null
  /** Who exchanges it just now, by the name of that one try, and until when nobody else may. */
  upstream_claim: string | null
  upstream_claimed_until: number | null
}

export interface PersonalTokensTable extends PersonColumns {
  id: string
  project: string | null
  /** JSON array. */
  scopes: string
  name: string
  hash: string
  created_at: number
  expires_at: number
  last_used_at: number | null
  revoked_at: number | null
}

export interface RefreshFamiliesTable extends PersonColumns {
  id: string
  project: string | null
  /** JSON array. */
  scopes: string
  client: Uint8Array
  created_at: number
  expires_at: number
  /** The number of the current token. */
  current: number
  ended_at: number | null
  why: string | null
}

export interface RefreshTokensTable {
  hash: string
  family_id: string
  number: number
  created_at: number
  used_at: number | null
  used_again_at: number | null
  /** The number of what it was exchanged for last. */
  successor: number | null
}

export interface SessionsTable extends PersonColumns {
  hash: string
  created_at: number
  last_seen_at: number
  idle_ms: number
  expires_at: number
  ended_at: number | null
  /** Forgotten when it ends. */
  data: Uint8Array | null
}

export interface DeviceFlowsTable {
  id: string
  device_hash: string
  /** Null once the flow is used: a user code is unique only among those that can still be typed in. */
  user_hash: string | null
  state: string
  /** Coded JSON: client and address. */
  origin: Uint8Array
  /** JSON array. */
  scopes: string
  created_at: number
  expires_at: number
  interval_ms: number
  poll_after_at: number
  /** Who decided. */
  issuer: string | null
  subject: string | null
  project: string | null
}

export interface PendingLoginsTable {
  state_hash: string
  binding_hash: string
  issuer: string
  /** Forgotten when it is consumed. */
  coded: Uint8Array | null
  created_at: number
  expires_at: number
  consumed_at: number | null
}

export interface LoginTables {
  persons: PersonsTable
  personal_tokens: PersonalTokensTable
  refresh_families: RefreshFamiliesTable
  refresh_tokens: RefreshTokensTable
  sessions: SessionsTable
  device_flows: DeviceFlowsTable
  pending_logins: PendingLoginsTable
}
