/**
 * Asks a login about one of its tokens (RFC 7662), as the client that we are there (RFC 6749, section 2.3.1).
 */
import * as z from 'zod/mini'
import { type Answer, askLogin, type Limit, type LoginClient, type Trouble } from './ask-login.ts'
import type { Endpoints } from './discovery.ts'
import type { Issuer } from './issuer.ts'
import { TokenClaims } from './judge-token.ts'
import { type RefusedToken, refuse } from './verification.ts'

const MAX_BYTES = 1024 * 1024

const State = z.looseObject({ active: z.boolean(), iss: z.optional(z.string()), token_type: z.optional(z.string()) })

export type Introspected =
  /** `isBearer`: the login says that it is an access token; of a refresh token it says `active` too. */
  | { readonly kind: 'active'; readonly claims: TokenClaims; readonly isBearer: boolean; readonly foreign: unknown }
  | { readonly kind: 'refused'; readonly refusal: RefusedToken }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }

export async function introspect(
  client: LoginClient,
  issuer: Issuer,
  endpoints: Endpoints,
  token: string,
  limit: Limit,
): Promise<Introspected> {
  if (endpoints.introspection === undefined) return trouble(`The login ${issuer.issuer} offers no introspection.`)
  const secret = await readSecret(issuer)
  if (secret === undefined) return trouble(`There is no client secret for the login ${issuer.issuer}.`)
  const answer = await askLogin(client, {
    url: endpoints.introspection,
    issuer: issuer.issuer,
    what: 'the state of a token',
    maxBytes: MAX_BYTES,
    signal: limit.signal,
    init: {
      method: 'POST',
      headers: { authorization: basic(issuer.clientId, secret), 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    },
  })
  return readAnswer(answer, issuer)
}

function readAnswer(answer: Answer, { issuer }: Issuer): Introspected {
  if (!answer.ok && answer.status === 401)
    return trouble(
      `The login ${issuer} does not know this service: its client secret may have changed. Tell the operators of this service.`,
    )
  if (!answer.ok && answer.status !== undefined && ABOUT_THE_TOKEN.includes(answer.status))
    return { kind: 'refused', refusal: unknownThere(issuer) }
  if (!answer.ok) return { kind: 'trouble', trouble: answer.trouble }
  const state = State.safeParse(answer.value)
  if (!state.success) return trouble(`The login ${issuer} does not say whether the token is active.`)
  const refused = {
    kind: 'refused',
    refusal: refuse('revoked', `The login ${issuer} no longer accepts this token. Log in again.`),
  } as const
  if (!state.data.active || (state.data.iss !== undefined && state.data.iss !== issuer)) return refused
  const claims = TokenClaims.safeParse(answer.value)
  if (!claims.success) return trouble(`The login ${issuer} does not say until when the token is valid.`)
  const isBearer = [state.data.token_type, claims.data.typ].some(type => typeof type === 'string' && type.toLowerCase() === 'bearer')
  return { kind: 'active', claims: claims.data, isBearer, foreign: answer.value }
}

/** Answers that the same token will always get; an answer to come back with is none of them. */
const ABOUT_THE_TOKEN: readonly number[] = [400, 404, 422]

function unknownThere(issuer: string): RefusedToken {
  return refuse(
    'revoked',
    `The login ${issuer} does not know this as an access token. Log in again; if it stays so, tell the operators of this service: its client there may be set up otherwise.`,
  )
}

async function readSecret({ clientSecret }: Issuer): Promise<string | undefined> {
  try {
    return await clientSecret?.()
  } catch {
    return undefined
  }
}

/** Both halves are form-encoded first, so that a colon or a letter beyond ASCII survives. */
function basic(clientId: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${btoa(`${encode(clientId)}:${encode(secret)}`)}`
}

function trouble(detail: string): Introspected {
  return { kind: 'trouble', trouble: { detail, retryAfterMs: 5_000 } }
}
