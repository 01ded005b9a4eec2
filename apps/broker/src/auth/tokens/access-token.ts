/**
 * Our access tokens: short JWTs as RFC 9068 has them, signed with ES256, by the broker for the broker (`iss` and `aud` are its public URL). Who the
 * person is at the login that they came by stands in `sub_id` (RFC 9493, `iss_sub`); `sub` is a digest of it, since two logins may use one `sub`.
 * Minting and verifying touch no store: whether the refresh family was ended is for the caller to ask.
 */
import { hash } from 'node:crypto'
import type { ProjectId } from '@portolan/federation'
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { FamilyId, PersonRef } from '../../stores/login-rows.ts'
import type { Scope } from '../principal.ts'
import type { RandomSource } from './random-source.ts'
import { CLOCK_LEEWAY_MS, LONGEST_ACCESS_MS, type SigningKeys, signerOf, verifiersOf } from './signing-keys.ts'

export interface AccessGrant {
  readonly person: PersonRef
  readonly scopes: readonly Scope[]
  readonly project?: ProjectId | undefined
  /** The refresh family that the token hangs on: ended, it takes the token with it. */
  readonly familyId: FamilyId
  readonly clientId: string
}

/** What a token says, once it is verified. Times are ms since 1970. */
export interface AccessToken extends AccessGrant {
  readonly id: string
  readonly issuedAt: number
  readonly expiresAt: number
}

export interface MintParts {
  readonly keys: SigningKeys
  /** The public URL of the broker, which is issuer and audience. */
  readonly issuer: string
  readonly random: RandomSource
  readonly now: number
  /** Default 15 minutes; never more than `LONGEST_ACCESS_MS`. */
  readonly lifeMs?: number | undefined
}

const DEFAULT_ACCESS_MS = 15 * 60_000
const ID_BYTES = 16

export interface MintedToken extends AccessToken {
  readonly text: string
}

export async function mintAccessToken(grant: AccessGrant, parts: MintParts): Promise<MintedToken> {
  const { keys, issuer, random, now, lifeMs = DEFAULT_ACCESS_MS } = parts
  const key = signerOf(keys, now)
  const id = Buffer.from(random(ID_BYTES)).toString('base64url')
  const iat = Math.floor(now / 1000)
  const exp = iat + Math.floor(Math.min(lifeMs, LONGEST_ACCESS_MS) / 1000)
  const text = await new SignJWT(toClaims(grant, { iss: issuer, aud: issuer, jti: id, iat, exp }))
    .setProtectedHeader({ alg: 'ES256', typ: TYPE, kid: key.id })
    .sign(key.privateKey)
  return { ...grant, text, id, issuedAt: iat * 1000, expiresAt: exp * 1000 }
}

/** `unknown-key` may become another answer when the keys are read anew; no other does. */
export type AccessTokenFault = 'malformed' | 'unknown-key' | 'bad-signature' | 'foreign' | 'expired' | 'not-yet-valid'

export type AccessTokenAnswer =
  | { readonly outcome: 'good'; readonly token: AccessToken }
  /** `detail` is a sentence for who sent it; it repeats nothing of the token. */
  | { readonly outcome: 'refused'; readonly fault: AccessTokenFault; readonly detail: string }

export interface VerifyParts {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly now: number
}

/** Never throws for what the text is. */
export async function verifyAccessToken(text: string, { keys, issuer, now }: VerifyParts): Promise<AccessTokenAnswer> {
  const kid = keyIdOf(text)
  if (kid === undefined) return refuse('malformed')
  const key = verifiersOf(keys, now).find(({ id }) => id === kid)
  if (!key) return refuse('unknown-key')
  try {
    const { payload } = await jwtVerify(text, key.publicKey, {
      algorithms: ['ES256'],
      typ: TYPE,
      issuer,
      audience: issuer,
      currentDate: new Date(now),
    })
    return judgeClaims(payload, now)
  } catch (error) {
    return refuse(faultOf(error))
  }
}

const TYPE = 'at+jwt'
const text = z.string().min(1)
const PersonAtLogin = z.object({ format: z.literal('iss_sub'), iss: text, sub: text })
const Claims = z.object({
  sub: text,
  sub_id: PersonAtLogin,
  client_id: text,
  jti: text,
  iat: z.int(),
  exp: z.int(),
  scope: z
    .string()
    .transform(scope => scope.split(' '))
    .pipe(z.array(z.enum(['read', 'write', 'admin']))),
  portolan_family: text.transform(id => id as FamilyId),
  portolan_project: text.transform(id => id as ProjectId).optional(),
})
type RegisteredClaims = Required<Pick<JWTPayload, 'iss' | 'jti' | 'iat' | 'exp'>> & { readonly aud: string }

function toClaims({ person, scopes, project, familyId, clientId }: AccessGrant, registered: RegisteredClaims): JWTPayload {
  const claims: z.input<typeof Claims> = {
    ...registered,
    sub: subjectOf(person),
    sub_id: { format: 'iss_sub', iss: person.issuer, sub: person.subject },
    client_id: clientId,
    scope: scopes.join(' '),
    portolan_family: familyId,
    ...(project !== undefined && { portolan_project: project }),
  }
  return claims
}

function judgeClaims(payload: JWTPayload, now: number): AccessTokenAnswer {
  const parsed = Claims.safeParse(payload)
  if (!parsed.success) return refuse('malformed')
  const { sub, sub_id, client_id, jti, iat, exp, scope, portolan_family, portolan_project } = parsed.data
  if (iat * 1000 > now + CLOCK_LEEWAY_MS) return refuse('not-yet-valid')
  // Signed by us, but not as we sign: nothing that we gave out lives so long.
  if (exp - iat > LONGEST_ACCESS_MS / 1000) return refuse('malformed')
  const person = { issuer: sub_id.iss, subject: sub_id.sub }
  if (sub !== subjectOf(person)) return refuse('malformed')
  const token: AccessToken = {
    id: jti,
    person,
    scopes: scope,
    ...(portolan_project !== undefined && { project: portolan_project }),
    familyId: portolan_family,
    clientId: client_id,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
  }
  return { outcome: 'good', token }
}

/** Two persons never share one. */
function subjectOf({ issuer, subject }: PersonRef): string {
  return hash('sha256', JSON.stringify([issuer, subject]), 'base64url')
}

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid
  } catch {
    return undefined
  }
}

const DETAILS: Readonly<Record<AccessTokenFault, string>> = {
  malformed: 'The access token is not one that this broker makes.',
  'unknown-key': 'The access token is signed with a key that this broker does not know, or knows no longer.',
  'bad-signature': 'The signature of the access token does not fit: it was changed, or cut off.',
  foreign: 'The access token was made by, or for, somebody else than this broker.',
  expired: 'The access token has expired. Get a new one with the refresh token, or log in again.',
  'not-yet-valid': 'The access token was issued in the future: the clocks of the brokers differ.',
}

function refuse(fault: AccessTokenFault): AccessTokenAnswer {
  return { outcome: 'refused', fault, detail: DETAILS[fault] }
}

function faultOf(error: unknown): AccessTokenFault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'iss' || error.claim === 'aud' ? 'foreign' : 'malformed'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature'
  if (error instanceof errors.JOSEError) return 'malformed'
  throw error
}
