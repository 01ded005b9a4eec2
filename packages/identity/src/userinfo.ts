/**
 * The claims of a person at the userinfo endpoint (OpenID Connect Core, section 5.3). They count only if they are of the person whom the token
 * names.
 */
import * as z from 'zod/mini'
import { askLogin, type Limit, type LoginClient, type Trouble } from './ask-login.ts'
import type { Endpoints } from './discovery.ts'
import { type RefusedToken, refuse } from './verification.ts'

const MAX_BYTES = 1024 * 1024

const Subject = z.looseObject({ sub: z.string() })

export type Userinfo =
  | { readonly kind: 'claims'; readonly foreign: unknown }
  | { readonly kind: 'refused'; readonly refusal: RefusedToken }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }

export interface UserinfoQuestion {
  readonly issuer: string
  readonly subject: string
  readonly token: string
  readonly limit: Limit
}

export async function fetchUserinfo(
  client: LoginClient,
  endpoints: Endpoints,
  { issuer, subject, token, limit }: UserinfoQuestion,
): Promise<Userinfo> {
  if (endpoints.userinfo === undefined)
    return { kind: 'trouble', trouble: { detail: `The login ${issuer} offers no userinfo.`, retryAfterMs: 5_000 } }
  const init = { headers: { authorization: `Bearer ${token}` } }
  const answer = await askLogin(client, {
    url: endpoints.userinfo,
    issuer,
    what: 'your data',
    init,
    maxBytes: MAX_BYTES,
    signal: limit.signal,
  })
  if (!answer.ok && answer.status === 401) return refused('revoked', `The login ${issuer} no longer accepts this token. Log in again.`)
  if (!answer.ok && answer.status === 403)
    return refused('insufficient_scope', `The login ${issuer} gives no data about you for this token. Log in again with the scope openid.`)
  if (!answer.ok) return { kind: 'trouble', trouble: answer.trouble }
  const parsed = Subject.safeParse(answer.value)
  return parsed.success && parsed.data.sub === subject
    ? { kind: 'claims', foreign: answer.value }
    : refused('subject_mismatch', `The login ${issuer} answered with the data of another person. Log in again.`)
}

function refused(...args: Parameters<typeof refuse>): Userinfo {
  return { kind: 'refused', refusal: refuse(...args) }
}
