/**
 * Ways to say who is asking. A provider gives the headers of one request; the transport calls it only for its own origin and follows no
 * redirect, so a credential never reaches another server.
 */

export interface AuthRequest {
  readonly url: URL
  readonly signal: AbortSignal
}

export type AuthHeaders = Readonly<Record<string, string>>
export type AuthProvider = (request: AuthRequest) => AuthHeaders | Promise<AuthHeaders>

/** A fixed value, or a function that is asked before each request and may keep what it knows. */
export type Secret = string | ((request: AuthRequest) => string | Promise<string>)

const read = async (secret: Secret, request: AuthRequest): Promise<string> => (typeof secret === 'string' ? secret : await secret(request))

/** `Authorization: Bearer TOKEN`. */
export function bearer(token: Secret): AuthProvider {
  return async request => ({ authorization: `Bearer ${await read(token, request)}` })
}

/** `Authorization: Basic …`, with user name and password in UTF-8 (RFC 7617). The user name holds no colon. */
export function basic(username: string, password: Secret): AuthProvider {
  if (username.includes(':')) throw new TypeError('A user name for basic authentication holds no colon')
  return async request => {
    const bytes = new TextEncoder().encode(`${username}:${await read(password, request)}`)
    return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` }
  }
}

/** An API key in a header of its own. */
export function apiKey(key: Secret, header = 'X-API-Key'): AuthProvider {
  return async request => ({ [header]: await read(key, request) })
}

/** No credential. */
export function anonymous(): AuthProvider {
  return () => ({})
}
