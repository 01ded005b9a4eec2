import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKnownTokens, KNOWN_TTL_MS } from './known-tokens.ts'

interface Known {
  readonly family: string
}
const NOW = 1_000_000

function keepOne(expiresAt = NOW + 3_600_000) {
  const tokens = createKnownTokens<Known>()
  tokens.keep('token', { family: 'f1' }, { expiresAt, mark: tokens.mark(), now: NOW })
  return tokens
}

describe('a known token', () => {
  it('is found until its time in the table is over', () => {
    const tokens = keepOne()
    expect(tokens.find('token', NOW + KNOWN_TTL_MS - 1)).toEqual({ family: 'f1' })
    expect(tokens.find('token', NOW + KNOWN_TTL_MS)).toBeUndefined()
    expect(tokens.find('other', NOW)).toBeUndefined()
  })

  it('T02 is never found beyond its own end', () => {
    const tokens = keepOne(NOW + 10)
    expect([tokens.find('token', NOW + 9), tokens.find('token', NOW + 10)]).toEqual([{ family: 'f1' }, undefined])
  })

  it('is not found where the clock was set back', () => {
    expect(keepOne().find('token', NOW - 1)).toBeUndefined()
  })

  it('T02 is forgotten at once by a revocation that concerns it, and by no other', () => {
    const tokens = keepOne()
    tokens.forget(({ family }) => family === 'f2')
    expect(tokens.find('token', NOW)).toEqual({ family: 'f1' })
    tokens.forget(({ family }) => family === 'f1')
    expect(tokens.find('token', NOW)).toBeUndefined()
  })

  it('T02 does not come back by a verification that began before the revocation', () => {
    const tokens = createKnownTokens<Known>()
    const mark = tokens.mark()
    tokens.forget(() => true)
    tokens.keep('token', { family: 'f1' }, { expiresAt: NOW + 1_000, mark, now: NOW })
    expect(tokens.find('token', NOW)).toBeUndefined()
  })
})

it('keeps a bounded number, each under its own text, the latest among them', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 200 }), texts => {
      const tokens = createKnownTokens<string>({ slots: 8 })
      texts.forEach((text, index) => {
        tokens.keep(text, text, { expiresAt: NOW * 2, mark: tokens.mark(), now: NOW + index })
      })
      const end = NOW + texts.length
      const found = new Set(texts.filter(text => tokens.find(text, end) === text))
      for (const text of texts) expect([text, undefined]).toContain(tokens.find(text, end))
      expect(found.size).toBeLessThanOrEqual(32)
      expect(found).toContain(texts.at(-1))
    }),
  )
})
