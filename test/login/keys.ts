/**
 * The keys of the stand-in: one that signs, those that the key set shows, and one that nobody knows.
 */
import { randomBytes } from 'node:crypto'
import {
  type CryptoKey,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import type { Signature } from './faults.ts'

const ALGORITHM = 'RS256'

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly published: JWK
}

export interface KeyRing {
  /** Signs the claims as they are. */
  sign(claims: JWTPayload, type: 'JWT' | 'at+jwt', signedWith: Signature): Promise<string>
  /** The claims of a token that one of our keys signed at any time, whatever its end. Undefined for anything else. */
  open(token: string): Promise<JWTPayload | undefined>
  /** The key set as it is shown now. */
  show(): { keys: readonly JWK[] }
  /** A new key signs from now on. The old one stays in the key set only with `overlap`. */
  rotate(overlap: boolean): Promise<void>
}

export async function makeKeyRing(): Promise<KeyRing> {
  const unknown = await makeKey()
  const known = new Map<string, SigningKey>()
  let current = await makeKey()
  let shown = [current]
  known.set(current.kid, current)

  return {
    async sign(claims, typ, signedWith) {
      if (signedWith === 'nothing') return new UnsecuredJWT(claims).encode()
      const { kid } = signedWith === 'unknown-key' ? unknown : current
      const { privateKey } = signedWith === 'own-key' ? current : unknown
      return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid, typ }).sign(privateKey)
    },
    async open(token) {
      try {
        const { kid = '' } = decodeProtectedHeader(token)
        const key = known.get(kid)
        return key && (await jwtVerify(token, key.publicKey, { currentDate: new Date(0) })).payload
      } catch {
        return undefined
      }
    },
    show: () => ({ keys: shown.map(({ published }) => published) }),
    async rotate(overlap) {
      const next = await makeKey()
      shown = overlap ? [next, current] : [next]
      current = next
      known.set(next.kid, next)
    },
  }
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM)
  const kid = randomBytes(6).toString('hex')
  return { kid, privateKey, publicKey, published: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: ALGORITHM } }
}
