/**
 * Whether what is kept of a token or a session still opens the door, and else why not. Pure.
 */
import type { SessionRow, SessionStanding, TokenRow, TokenStanding } from '../login-rows.ts'

export function tokenStanding(token: Pick<TokenRow, 'expiresAt' | 'revokedAt'>, now: number): TokenStanding {
  if (token.revokedAt !== undefined) return 'revoked'
  return now >= token.expiresAt ? 'expired' : 'live'
}

export function sessionStanding(session: Omit<SessionRow, 'owner' | 'createdAt'>, now: number): SessionStanding {
  if (session.endedAt !== undefined) return 'ended'
  if (now >= session.expiresAt) return 'expired'
  return now >= session.lastSeenAt + session.idleMs ? 'idle' : 'live'
}
