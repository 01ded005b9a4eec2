import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { challengeOf, isSameSecret, makeLoginSecrets } from './login-secrets.ts'
import { seededRandom } from './random-source.fixture.ts'

describe('the secrets of a login', () => {
  it('are three of 256 bits that have nothing in common, and a challenge', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const { state, nonce, verifier, challenge } = makeLoginSecrets(seededRandom(seed))
        for (const secret of [state, nonce, verifier, challenge]) expect(secret).toMatch(/^[\w-]{43}$/)
        expect(new Set([state, nonce, verifier, challenge]).size).toBe(4)
        expect(challenge).toBe(challengeOf(verifier))
      }),
    )
  })

  it('have the challenge of RFC 7636, appendix B', () => {
    expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
  })

  it('are compared whole', () => {
    expect([isSameSecret('a', 'a'), isSameSecret('a', 'b'), isSameSecret('a', 'aa'), isSameSecret('', '')]).toEqual([
      true,
      false,
      false,
      true,
    ])
  })
})
