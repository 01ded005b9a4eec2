/**
 * What is written down of an error: what our own code and its libraries say of it. Of what a foreign server said nothing but a code of the standards is
 * kept, for it may repeat whatever it was sent: a code, a token, our own secret.
 */
const MOST_LEVELS = 8

/** RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750, 7009, 8628, 8693 and 8707, OpenID Connect Core section 3.1.2.6. */
const CODES: ReadonlySet<unknown> = new Set([
  'access_denied',
  'account_selection_required',
  'authorization_pending',
  'consent_required',
  'expired_token',
  'insufficient_scope',
  'interaction_required',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'login_required',
  'server_error',
  'slow_down',
  'temporarily_unavailable',
  'unauthorized_client',
  'unmet_authentication_requirements',
  'unsupported_grant_type',
  'unsupported_response_type',
  'unsupported_token_type',
])
/** Of Node, of a database, of a library. */
const NAME_OF_FAILURE = /^[A-Za-z0-9_]{1,64}$/
/** As `JSON.parse` says it: with a piece of the text, the whole of it where it is short. */
const QUOTES_JSON = /\bJSON\b/

/** Libraries hang whole requests on their errors, and whole answers below `cause`: only what is an error itself is followed there. */
export function describeError(error: Error, level = 0): object {
  const { name, message, stack, cause } = error
  const told = withoutQuote(error)
  return {
    type: name,
    message: told,
    ...('code' in error && NAME_OF_FAILURE.test(String(error.code)) && { code: String(error.code) }),
    ...('status' in error && typeof error.status === 'number' && { status: error.status }),
    ...('error' in error && CODES.has(error.error) && { error: error.error }),
    stack: stack?.replace(message, () => told),
    ...(cause instanceof Error && level < MOST_LEVELS && { cause: describeError(cause, level + 1) }),
  }
}

/** The message without the words of somebody else that stand in it. */
function withoutQuote(error: Error): string {
  if (error instanceof SyntaxError && QUOTES_JSON.test(error.message)) return 'not valid JSON'
  return 'said' in error && typeof error.said === 'string' ? error.message.replace(error.said, '[…]') : error.message
}
