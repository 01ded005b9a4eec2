/**
 * Who asks through a browser: the session behind the cookie, for the operations whose contract says `x-credential: session`, and for no others. A
 * cookie alone authorises nothing that changes anything: the request must come from a page of ours.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { SecretHash } from '../stores/login-rows.ts'
import type { Refused } from './authenticate.ts'
import type { Principal } from './principal.ts'

export interface BrowserRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

export type BrowserAuthentication =
  /** `hash`: names the session in the login store. */
  | { readonly outcome: 'session'; readonly principal: Principal; readonly hash: SecretHash }
  | Refused
  /** A page of somebody else has sent it: nothing of the cookie counts. */
  | { readonly outcome: 'cross-site'; readonly says: string }

export interface BrowserDoor {
  /** Never throws for what a client can send; asks no login. */
  authenticate(request: BrowserRequest): BrowserAuthentication
}
