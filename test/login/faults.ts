/**
 * What can be wrong with a login, each to be switched on from outside. A fault of the ID token leaves the rest of the answer alone.
 */
import * as z from 'zod/mini'

/** A path below the issuer, such as `/userinfo`. Without it the fault is at every path, discovery and keys included. */
const path = z.optional(z.string().check(z.startsWith('/')))

const IdTokenFault = z.enum([
  'wrong-issuer',
  'wrong-audience',
  'wrong-party',
  'wrong-nonce',
  'no-nonce',
  'expired',
  'unsigned',
  'bad-signature',
  'unknown-key',
])
export type IdTokenFault = z.infer<typeof IdTokenFault>

const PathFault = z.discriminatedUnion('kind', [
  /** A page where JSON belongs, with status 200. */
  z.strictObject({ kind: z.literal('html'), path }),
  z.strictObject({ kind: z.literal('slow'), path, ms: z.int() }),
  z.strictObject({ kind: z.literal('status'), path, status: z.int() }),
  /** The connection is cut without an answer. */
  z.strictObject({ kind: z.literal('hang-up'), path }),
])
export type PathFault = z.infer<typeof PathFault>

export const Fault = z.union([
  z.strictObject({ kind: IdTokenFault }),
  /** People log in with one factor, whatever was asked. */
  z.strictObject({ kind: z.literal('no-mfa') }),
  /** The service is in its test phase: who logs in gets a page, and never comes back to the service. */
  z.strictObject({ kind: z.literal('test-phase') }),
  PathFault,
])
export type Fault = z.infer<typeof Fault>

/** The first fault that is switched on for a path below the issuer. */
export function faultAt(faults: readonly Fault[], requested: string): PathFault | undefined {
  return faults.filter(isPathFault).find(({ path = requested }) => path === requested)
}

/** What the ID token says and how it is signed, with the faults in it. `now` is in seconds. */
export function spoil(claims: Readonly<Record<string, unknown>>, faults: readonly Fault[], now: number): SpoiledToken {
  const has = (kind: IdTokenFault): boolean => faults.some(fault => fault.kind === kind)
  return {
    claims: {
      ...claims,
      ...(has('wrong-issuer') && { iss: 'https://login.example.org/oidc/' }),
      ...(has('wrong-audience') && { aud: 'somebody-else' }),
      ...(has('wrong-party') && { azp: 'somebody-else' }),
      ...(has('wrong-nonce') && { nonce: 'not-what-was-sent' }),
      ...(has('no-nonce') && { nonce: undefined }),
      ...(has('expired') && { iat: now - 7_200, exp: now - 3_600 }),
    },
    signedWith: IdTokenFault.options.map(kind => (has(kind) ? SIGNATURES[kind] : undefined)).find(Boolean) ?? 'own-key',
  }
}

export interface SpoiledToken {
  readonly claims: Readonly<Record<string, unknown>>
  readonly signedWith: Signature
}

/** `unknown-key`: a key that the key set does not have. `wrong-key`: that key, under the name of ours. `nothing`: `alg: none`. */
export const Signature = z.enum(['own-key', 'unknown-key', 'wrong-key', 'nothing'])
export type Signature = z.infer<typeof Signature>

const SIGNATURES: Partial<Record<IdTokenFault, Signature>> = {
  unsigned: 'nothing',
  'bad-signature': 'wrong-key',
  'unknown-key': 'unknown-key',
}

function isPathFault(fault: Fault): fault is PathFault {
  return ['html', 'slow', 'status', 'hang-up'].includes(fault.kind)
}
