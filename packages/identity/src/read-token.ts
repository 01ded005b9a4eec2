/**
 * Reads the outside of a token, before anything of it is believed: only to find whose rules apply. Every byte must be as it should; a JWT has
 * one spelling here, so that no changed letter goes unnoticed.
 */
import { base64url } from 'jose'
import * as z from 'zod/mini'
import type { Algorithm, Issuer, TokenType } from './issuer.ts'
import { type RefusedToken, refuse } from './verification.ts'

const MAX_TOKEN_LENGTH = 16 * 1024
/** RFC 6750, section 2.1. */
const BEARER = /^[A-Za-z0-9\-._~+/]+=*$/
const TYPES: Readonly<Record<string, TokenType>> = { 'at+jwt': 'at+jwt', jwt: 'JWT' }

const Header = z.looseObject({ alg: z.string(), typ: z.optional(z.string()), kid: z.optional(z.string()) })
const Origin = z.looseObject({ iss: z.string(), iat: z.optional(z.number()) })

export type TokenForm =
  | { readonly form: 'opaque' }
  | {
      readonly form: 'jwt'
      /** Claimed, not proven. */
      readonly issuer: string
      /** Claimed, not proven; seconds since 1970. */
      readonly issuedAt: number | undefined
      readonly header: z.infer<typeof Header>
    }
  | { readonly form: 'refused'; readonly refusal: RefusedToken }

export function readToken(token: string): TokenForm {
  if (token.length > MAX_TOKEN_LENGTH)
    return refused('too_large', `The token is longer than ${MAX_TOKEN_LENGTH} characters, and was not looked at.`)
  if (!BEARER.test(token)) return malformed()
  const parts = token.split('.')
  if (!token.startsWith('ey') || parts.length === 1) return { form: 'opaque' }
  const [head, body, signature] = parts
  if (parts.length !== 3 || !head || !body || signature === undefined || !parts.every(isCanonical)) return malformed()
  const header = Header.safeParse(parseJson(head))
  const origin = Origin.safeParse(parseJson(body))
  if (!header.success || !origin.success) return malformed()
  return { form: 'jwt', issuer: origin.data.iss, issuedAt: origin.data.iat, header: header.data }
}

/** What the header alone forbids, by the rules of its issuer. */
export function judgeHeader(header: z.infer<typeof Header>, { algorithms, tokenTypes }: Issuer): RefusedToken | undefined {
  if ('crit' in header || 'b64' in header)
    return refuse(
      'critical_header',
      'The token demands extensions that are not known here. Log in again, and tell the operators of the login if it stays so.',
    )
  if (!algorithms.includes(header.alg as Algorithm))
    return refuse('algorithm', `The token is not signed by one of the algorithms that count here (${algorithms.join(', ')}). Log in again.`)
  const type = typeOf(header.typ)
  if (type === undefined || !tokenTypes.includes(type))
    return refuse('token_type', 'This is a token for another purpose. Send an access token.')
  return undefined
}

/** RFC 7515, section 4.1.9. Undefined: no token that is sent by a bearer. */
export function typeOf(typ: string | undefined): TokenType | undefined {
  return typ === undefined ? 'absent' : TYPES[typ.toLowerCase().replace(/^application\//, '')]
}

/** Base64url is lenient with the last letter; a token is not. */
function isCanonical(part: string): boolean {
  try {
    return base64url.encode(base64url.decode(part)) === part
  } catch {
    return false
  }
}

function parseJson(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(base64url.decode(part)))
  } catch {
    return undefined
  }
}

function malformed(): TokenForm {
  return refused('malformed', 'This is not a token that can be read here. Copy it whole, without quotes, or log in again.')
}

function refused(...args: Parameters<typeof refuse>): TokenForm {
  return { form: 'refused', refusal: refuse(...args) }
}
