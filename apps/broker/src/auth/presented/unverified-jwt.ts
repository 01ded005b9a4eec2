/**
 * Tells a JWT from other texts and reads who it says that it comes from. Nothing of it is verified: the issuer serves to choose who verifies it.
 */

const PARTS = 3
const SEGMENT = /^[A-Za-z0-9_-]+$/
const LAST_SEGMENT = /^[A-Za-z0-9_-]*$/

/** Undefined: the text is no JWT. An empty signature counts, so that a JWT without one is refused as such. */
export function issuerOf(text: string): { readonly issuer: string | undefined } | undefined {
  const [header = '', payload = '', signature = '', ...more] = text.split('.', PARTS + 1)
  if (more.length > 0 || !SEGMENT.test(header) || !SEGMENT.test(payload) || !LAST_SEGMENT.test(signature)) return undefined
  if (!text.includes('.', header.length + 1 + payload.length)) return undefined
  const said = decode(header)
  const claims = decode(payload)
  if (!said || !claims || !('alg' in said)) return undefined
  return { issuer: 'iss' in claims && typeof claims.iss === 'string' ? claims.iss : undefined }
}

/** The object in a segment, if there is one. */
function decode(segment: string): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
