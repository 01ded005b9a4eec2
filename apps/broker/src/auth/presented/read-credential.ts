/**
 * What a request brings to prove who asks: a bearer token, or a personal token as the password of HTTP basic (RFC 7617, any user name) or in
 * `X-API-Key`, since engines can send no more than that. It says what was presented, not whether it counts. The same token may come in two places;
 * two different ones are refused, since each choice would surprise somebody. Pure; no answer repeats what was sent.
 */
import type { SecretHash } from '../../stores/login-rows.ts'
import { type OpaqueTokenKind, readToken } from '../tokens/opaque-token.ts'
import { issuerOf } from './unverified-jwt.ts'

/** The two headers that count. Node drops a second `Authorization` and joins several `X-API-Key` by commas. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined
  readonly 'x-api-key'?: string | string[] | undefined
}

export type PresentedCredential =
  | { readonly kind: 'none' }
  /** A JWT that says to be ours: `verifyAccessToken` judges it. */
  | { readonly kind: 'access'; readonly text: string }
  /** One of our personal tokens, whole; whether it was ever given out and still counts, the store knows by its hash. */
  | { readonly kind: 'personal'; readonly text: string; readonly hash: SecretHash }
  /** A JWT of somebody else; `issuer` is what it says, not verified, and good only to be looked up in the list of those admitted. */
  | { readonly kind: 'foreign'; readonly text: string; readonly issuer: string | undefined }
  /** Something that only its maker can judge. */
  | { readonly kind: 'opaque'; readonly text: string }
  | Malformed

export type MalformedReason = 'conflict' | 'too-long' | 'scheme' | 'bearer' | 'basic' | 'api-key' | 'mistyped' | 'wrong-kind'

export interface Malformed {
  readonly kind: 'malformed'
  readonly reason: MalformedReason
  /** 400 for a contradiction, 401 for what is no credential. */
  readonly status: 400 | 401
  readonly detail: string
  readonly fix: string
}

/** Longer than any token with a passport's worth of groups, and what Node takes for all headers together. */
export const MOST_CHARACTERS = 16_384

/** `ownIssuer`: the public URL of the broker. */
export function readCredential(headers: CredentialHeaders, ownIssuer: string): PresentedCredential {
  const { authorization, 'x-api-key': apiKey } = headers
  const inHeader = authorization === undefined ? undefined : readAuthorization(authorization, ownIssuer)
  const inKey = apiKey === undefined ? undefined : readApiKey(apiKey)
  if (!inHeader || !inKey) return inHeader ?? inKey ?? { kind: 'none' }
  if (inHeader.kind === 'malformed') return inHeader
  if (inKey.kind === 'malformed') return inKey
  return textOf(inHeader) === textOf(inKey) ? inHeader : malformed('conflict')
}

function readAuthorization(value: string, ownIssuer: string): PresentedCredential {
  if (value.length > MOST_CHARACTERS) return malformed('too-long')
  const [, scheme = '', rest = ''] = /^([A-Za-z]+) +(\S.*)$/.exec(value.trim()) ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return readBearer(rest, ownIssuer)
    case 'basic':
      return readBasic(rest)
    default:
      return malformed('scheme')
  }
}

/** RFC 6750, section 2.1. */
const BEARER = /^[A-Za-z0-9\-._~+/]+=*$/

function readBearer(text: string, ownIssuer: string): PresentedCredential {
  if (!BEARER.test(text)) return malformed('bearer')
  const own = readToken(text)
  if (own.outcome !== 'foreign') return readOwn(text, own)
  const jwt = issuerOf(text)
  if (!jwt) return { kind: 'opaque', text }
  return jwt.issuer === ownIssuer ? { kind: 'access', text } : { kind: 'foreign', text, issuer: jwt.issuer }
}

const BASE64 = /^[A-Za-z0-9+/_-]+=*$/

/** The user name is whatever the engine insists on; the password is the token. */
function readBasic(text: string): PresentedCredential {
  if (!BASE64.test(text)) return malformed('basic')
  const pair = Buffer.from(text, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon < 0 ? malformed('basic') : readPersonal(pair.slice(colon + 1), 'basic')
}

function readApiKey(value: string | string[]): PresentedCredential {
  const text = Array.isArray(value) ? value.join(', ') : value
  return text.length > MOST_CHARACTERS ? malformed('too-long') : readPersonal(text.trim(), 'api-key')
}

function readPersonal(text: string, place: 'basic' | 'api-key'): PresentedCredential {
  const own = readToken(text)
  return own.outcome === 'foreign' ? malformed(place) : readOwn(text, own)
}

function readOwn(
  text: string,
  own: { readonly outcome: 'token'; readonly kind: OpaqueTokenKind; readonly hash: SecretHash } | { readonly outcome: 'mistyped' },
): PresentedCredential {
  if (own.outcome === 'mistyped') return malformed('mistyped')
  return own.kind === 'personal' ? { kind: 'personal', text, hash: own.hash } : malformed('wrong-kind')
}

function textOf(presented: PresentedCredential): string | undefined {
  return 'text' in presented ? presented.text : undefined
}

const SENTENCES: Readonly<Record<MalformedReason, readonly [400 | 401, string, string]>> = {
  conflict: [400, 'Authorization and X-API-Key hold two different credentials.', 'Send one of them.'],
  'too-long': [401, `The credential is longer than ${MOST_CHARACTERS} characters.`, 'Send the token alone.'],
  scheme: [
    401,
    'The Authorization header is neither Bearer nor Basic.',
    'Send Authorization: Bearer and the token, or Basic with a personal token as password.',
  ],
  bearer: [401, 'The bearer token has characters that no token has.', 'Send the token alone, without quotes, blanks or line ends.'],
  basic: [
    401,
    'HTTP basic does not carry a personal token as its password.',
    'Take any user name, and a personal token (it begins with portolan_pat_) as the password.',
  ],
  'api-key': [401, 'X-API-Key does not carry a personal token.', 'Send a personal token; it begins with portolan_pat_.'],
  mistyped: [401, 'The token is mistyped or cut off: its checksum does not fit.', 'Copy it again, whole.'],
  'wrong-kind': [
    401,
    'The token is one of ours, but not one to ask with.',
    'Send an access token or a personal token; refresh tokens, device codes and sessions have routes of their own.',
  ],
}

function malformed(reason: MalformedReason): Malformed {
  const [status, detail, fix] = SENTENCES[reason]
  return { kind: 'malformed', reason, status, detail, fix }
}
