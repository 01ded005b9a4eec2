import { describe, expect, it } from 'vitest'
import { makeSigningKeys } from './signing-keys.fixture.ts'
import { ANNOUNCE_MS, CLOCK_LEEWAY_MS, jwksOf, LONGEST_ACCESS_MS, signerOf, verifiersOf } from './signing-keys.ts'

const MADE_AT = 1_000_000_000_000
const SIGNS_AT = MADE_AT + ANNOUNCE_MS
const OVER_AT = SIGNS_AT + LONGEST_ACCESS_MS + CLOCK_LEEWAY_MS

describe('T19 of two signing keys', () => {
  const keys = makeSigningKeys([MADE_AT - 1_000, MADE_AT])
  const rows: readonly [string, number, string, readonly string[]][] = [
    ['the first signs while the second is new, and both are published', MADE_AT, 'k0', ['k0', 'k1']],
    ['the first signs until the second has been announced', SIGNS_AT - 1, 'k0', ['k0', 'k1']],
    ['the second signs then, and the first still verifies', SIGNS_AT, 'k1', ['k0', 'k1']],
    ['the first verifies as long as a token of it may live', OVER_AT - 1, 'k1', ['k0', 'k1']],
    ['the first is forgotten then', OVER_AT, 'k1', ['k1']],
    ['the first signs where the clock was set back before both', 0, 'k0', ['k0', 'k1']],
  ]
  it.each(rows)('%s', (_, now, signer, verifiers) => {
    expect(signerOf(keys, now).id).toBe(signer)
    expect(verifiersOf(keys, now).map(({ id }) => id)).toEqual(verifiers)
    expect(jwksOf(keys, now).keys.map(({ kid }) => kid)).toEqual(verifiers)
  })
})

it('signs with the very first key at once', () => {
  expect(signerOf(makeSigningKeys([MADE_AT]), MADE_AT).id).toBe('k0')
})

it('forgets no key that signs, however many were made in a row', () => {
  const keys = makeSigningKeys([MADE_AT, MADE_AT + 1, MADE_AT + 2])
  for (const now of [MADE_AT, SIGNS_AT, SIGNS_AT + 1, SIGNS_AT + 2, OVER_AT, OVER_AT + 2]) {
    expect(verifiersOf(keys, now)).toContain(signerOf(keys, now))
  }
})

it('publishes nothing private', () => {
  for (const key of jwksOf(makeSigningKeys([MADE_AT]), MADE_AT).keys) {
    expect(Object.keys(key).sort((a, b) => (a < b ? -1 : 1))).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256', x: expect.stringMatching(/^[\w-]{43}$/) })
  }
})
