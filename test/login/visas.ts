/**
 * Signs the visas that people hold, as an issuer of its own beside the login (GA4GH AAI 1.2, Visa Document Tokens).
 */
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { HeldVisa } from './settings.ts'

const KID = 'visas'
const ASSERTED_SECONDS_AGO = 60

export interface VisaOffice {
  /** Visas that hold for one hour. */
  sign(sub: string, visas: readonly HeldVisa[]): Promise<readonly string[]>
  show(): { keys: readonly JWK[] }
}

/** `origin` is where the key set is served: at `/visas/jwk`. */
export async function openVisaOffice(origin: string): Promise<VisaOffice> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const published = { ...(await exportJWK(publicKey)), kid: KID, use: 'sig', alg: 'ES256' }
  const issuer = `${origin}/visas/`
  return {
    sign: (sub, visas) =>
      Promise.all(
        visas.map(visa =>
          new SignJWT({ ga4gh_visa_v1: { ...visa, asserted: Math.floor(Date.now() / 1000) - ASSERTED_SECONDS_AGO } })
            .setProtectedHeader({ alg: 'ES256', kid: KID, jku: `${issuer}jwk`, typ: 'vnd.ga4gh.visa+jwt' })
            .setIssuer(issuer)
            .setSubject(sub)
            .setIssuedAt()
            .setExpirationTime('1h')
            .setJti(randomUUID())
            .sign(privateKey),
        ),
      ),
    show: () => ({ keys: [published] }),
  }
}
