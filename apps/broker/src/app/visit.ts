/**
 * What the handlers of the pages know of one request: where they are, who visits, what was asked.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Refused } from '../auth/authenticate.ts'
import type { Login } from '../auth/login.ts'
import type { Principal } from '../auth/principal.ts'
import { makeFormToken } from '../auth/tokens/form-token.ts'
import type { SecretHash } from '../stores/login-rows.ts'
import { baseOf } from './links.ts'
import { type Page, sendPage } from './page.ts'

/** Somebody who is logged in. */
export interface Visitor {
  readonly principal: Principal
  /** Names the session in the store. */
  readonly session: SecretHash
  /** For the forms of this session. */
  readonly formToken: string
}

export type Visit =
  | { readonly kind: 'visitor'; readonly visitor: Visitor }
  /** `notice`: there was a session, and why it is none. */
  | { readonly kind: 'nobody'; readonly notice?: string | undefined }
  /** A page of somebody else has sent the request. */
  | { readonly kind: 'cross-site'; readonly says: string }

/** By the cookie alone: what else a request brings to prove who asks is not looked at here. */
export function visitOf(login: Login, { method = 'GET', headers }: IncomingMessage): Visit {
  const answer = login.browser.authenticate({ method, headers })
  switch (answer.outcome) {
    case 'session':
      return { kind: 'visitor', visitor: { principal: answer.principal, session: answer.hash, formToken: makeFormToken(answer.hash) } }
    case 'cross-site':
      return { kind: 'cross-site', says: answer.says }
    case 'refused':
      return { kind: 'nobody', notice: noticeOf(answer) }
  }
}

function noticeOf({ reason, says }: Refused): string | undefined {
  if (reason === 'issuer') return says
  return reason === 'expired' || reason === 'revoked' ? 'Your session is over. Log in again to go on.' : undefined
}

/** The parameters of the address; undefined for one that stands there twice. */
export function readQuery({ url = '' }: IncomingMessage): (name: string) => string | undefined {
  const query = new URLSearchParams(searchOf(url))
  return name => {
    const [value, ...more] = query.getAll(name)
    return more.length === 0 ? value : undefined
  }
}

/** The part of an address after `?`. */
export function searchOf(url: string): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}

/** `publicUrl`: the address of the broker. */
export function show(response: ServerResponse, page: Page, publicUrl: string): void {
  sendPage(response, page, baseOf(publicUrl))
}
