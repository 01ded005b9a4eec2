/**
 * Judges what a proven token says, or what introspection says of it: time, person, audience. Pure; `now` is ms since 1970.
 */
import * as z from 'zod/mini'
import type { Issuer } from './issuer.ts'
import { isSubject } from './person.ts'
import { typeOf } from './read-token.ts'
import { type RefusalReason, type RefusedToken, refuse, type ValidToken } from './verification.ts'

const TOLERANCE_MS = 60_000
/** The last second that a Date can hold. */
const LAST_SECOND = 8_640_000_000_000

const seconds = z.number().check(z.gte(0), z.lte(LAST_SECOND))
const texts = z.union([
  z.array(z.string()),
  z.pipe(
    z.string(),
    z.transform(text => [text]),
  ),
])

/** Claims of a JWT access token (RFC 9068, section 2.2) or of an introspection answer (RFC 7662, section 2.2). */
export const TokenClaims = z.looseObject({
  sub: z.optional(z.string()),
  exp: seconds,
  iat: z.optional(seconds),
  nbf: z.optional(seconds),
  aud: z._default(texts, []),
  azp: z.optional(z.string()),
  client_id: z.optional(z.string()),
  scope: z.optional(
    z.union([
      z.pipe(
        z.string(),
        z.transform(text => text.split(' ').filter(scope => scope !== '')),
      ),
      z.array(z.string()),
    ]),
  ),
  jti: z.optional(z.string()),
})
export type TokenClaims = z.infer<typeof TokenClaims>

interface Check {
  readonly reason: RefusalReason
  readonly fails: (claims: TokenClaims, issuer: Issuer, now: number) => boolean
  readonly sentence: string
}

const OTHER_TOKEN = 'This is a token for another purpose, such as an ID token. Send an access token.'

/** Read from top to bottom; the first that fails is what the person is told. */
const CHECKS: readonly Check[] = [
  {
    reason: 'token_type',
    fails: isOtherToken,
    sentence: OTHER_TOKEN,
  },
  {
    reason: 'expired',
    fails: ({ exp }, _, now) => exp * 1000 + TOLERANCE_MS <= now,
    sentence: 'The token has expired. Log in again.',
  },
  {
    reason: 'not_yet_valid',
    fails: ({ nbf = 0, iat = 0 }, _, now) => Math.max(nbf, iat) * 1000 > now + TOLERANCE_MS,
    sentence: 'The token is from the future. Compare the clocks of this service and of the login.',
  },
  {
    reason: 'key_bound',
    fails: claims => 'cnf' in claims,
    sentence: 'The token is bound to a key, and cannot be sent as a bearer token. Get one that is not bound.',
  },
  {
    reason: 'no_subject',
    fails: ({ sub }) => sub === undefined || !isSubject(sub),
    sentence: 'The token names no person. Ask the operators of the login to put "sub" into it.',
  },
  {
    reason: 'audience',
    fails: (claims, issuer) => !isForUs(claims, issuer),
    sentence: 'The token was issued for another service. Get one for this service: log in here.',
  },
]

/** What holds for a token whose signature, or introspection, was good. */
export function judgeToken(claims: TokenClaims, issuer: Issuer, now: number): ValidToken | RefusedToken {
  const failed = CHECKS.find(check => check.fails(claims, issuer, now))
  if (failed) return refuse(failed.reason, failed.sentence)
  return {
    outcome: 'valid',
    issuer: issuer.issuer,
    subject: claims.sub ?? '',
    clientId: claims.azp ?? claims.client_id,
    scopes: claims.scope ?? [],
    expiresAt: claims.exp * 1000,
    tokenId: claims.jti,
  }
}

/** `aud` names us, or the token was issued to us or to a client that we admit, and not for somebody whom we know to be another. */
function isForUs({ aud, azp, client_id }: TokenClaims, { audiences, clients, foreignAudiences }: Issuer): boolean {
  if (aud.some(audience => audiences.includes(audience))) return true
  const client = azp ?? client_id
  return client !== undefined && clients.includes(client) && !aud.some(audience => foreignAudiences.includes(audience))
}

/**
 * What a JWT whose signature was good is for. `typ`: of its header. One that does not say there that it is an access token (RFC 9068, section 2.1) has
 * to show it: an ID token may lack every hash of what it was issued with (OpenID Connect Core, section 3.1.3.6), and has our client as its audience.
 */
export function judgePurpose(typ: string | undefined, claims: TokenClaims): RefusedToken | undefined {
  if (typeOf(typ) === 'at+jwt' || claims.typ === 'Bearer') return undefined
  const isShown = claims.scope !== undefined || claims.client_id !== undefined
  return isShown && !('nonce' in claims) ? undefined : refuse('token_type', OTHER_TOKEN)
}

/** ID tokens have hashes of what they were issued with, logout tokens events; a Keycloak says in the claim `typ` what it issued. */
function isOtherToken(claims: TokenClaims): boolean {
  if ('at_hash' in claims || 'c_hash' in claims || 's_hash' in claims || 'events' in claims) return true
  return typeof claims.typ === 'string' && ['ID', 'Refresh', 'Offline', 'Logout'].includes(claims.typ)
}
