/**
 * Tokens that requests carry: as bearer, or as the password of basic authentication with any user name.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

/** The token of an `Authorization` header; undefined without one. */
export function presentedToken(header: string | undefined): string | undefined {
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(header ?? '') ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value
    case 'basic': {
      const text = Buffer.from(value, 'base64').toString('utf8')
      const colon = text.indexOf(':')
      return colon < 0 ? undefined : text.slice(colon + 1)
    }
    default:
      return undefined
  }
}

/** Compares in a time that tells nothing of the tokens. */
export function isSameToken(presented: string | undefined, expected: string): boolean {
  return presented !== undefined && timingSafeEqual(digest(presented), digest(expected))
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
