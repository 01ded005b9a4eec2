/**
 * The authentication port: how a request becomes a principal. Crash: nothing is kept. Two callers: answers depend on the request alone.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { LOCAL, type Principal } from './principal.ts'

export interface Authenticator {
  /** Answers at once where it can: polls are many. */
  authenticate(headers: IncomingHttpHeaders): Principal | Promise<Principal>
}

/** Open mode: everybody who can connect is the one local person; credentials are not looked at. */
export const openAuthenticator: Authenticator = { authenticate: () => LOCAL }
