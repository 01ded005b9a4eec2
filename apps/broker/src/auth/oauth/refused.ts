/**
 * How the authorization server says no: a word of the RFCs and a sentence for people (RFC 6749, section 5.2). Nothing of what was sent is repeated.
 */
export const OAUTH_ERRORS = [
  'invalid_request',
  'invalid_grant',
  'invalid_scope',
  'unsupported_grant_type',
  /** RFC 7009, section 2.2.1. */
  'unsupported_token_type',
  /** The next four: RFC 8628, section 3.5. */
  'authorization_pending',
  'slow_down',
  'access_denied',
  'expired_token',
  /** Nothing was decided: the same request may go well later. */
  'temporarily_unavailable',
] as const
export type OAuthErrorCode = (typeof OAUTH_ERRORS)[number]

export interface OAuthRefused {
  readonly outcome: 'refused'
  readonly error: OAuthErrorCode
  readonly says: string
  /** Only where it may go well later. */
  readonly retryAfterSeconds?: number | undefined
  /** A secret was sent that nobody was given. */
  readonly isGuess?: boolean | undefined
}

export function refuse(error: OAuthErrorCode, says: string, retryAfterSeconds?: number): OAuthRefused {
  return { outcome: 'refused', error, says, retryAfterSeconds }
}
