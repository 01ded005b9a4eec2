import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeToken, type OpaqueTokenKind, readToken, TOKEN_PREFIXES } from './opaque-token.ts'
import { seededRandom } from './random-source.fixture.ts'
import { secureRandom } from './random-source.ts'

const KINDS = Object.keys(TOKEN_PREFIXES) as OpaqueTokenKind[]
const kinds = fc.constantFrom(...KINDS)
const seeds = fc.integer()

describe('an opaque token', () => {
  it('T09 is read as what it was made, and its hash is SHA-256 of its text', () => {
    fc.assert(
      fc.property(kinds, seeds, (kind, seed) => {
        const { text, hash } = makeToken(kind, seededRandom(seed))
        expect(text).toMatch(/^portolan_(pat|rt|dc|sid)_[0-9A-Za-z]{49}$/)
        expect(hash).toBe(createHash('sha256').update(text).digest('hex'))
        expect(readToken(text)).toEqual({ outcome: 'token', kind, hash })
      }),
    )
  })

  it('holds all 256 bits that chance gave', () => {
    for (const byte of [0, 255]) {
      const text = makeToken('personal', bytes => new Uint8Array(bytes).fill(byte)).text.slice('portolan_pat_'.length, -6)
      const value = text.split('').reduce((sum, digit) => sum * 62n + BigInt(digitOf(digit)), 0n)
      expect(value).toBe(byte === 0 ? 0n : 2n ** 256n - 1n)
    }
  })

  it('is another one each time', () => {
    expect(makeToken('personal', secureRandom).text).not.toBe(makeToken('personal', secureRandom).text)
  })

  it('is mistyped where one character is another, or some are missing, swapped or too many', () => {
    const slips: fc.Arbitrary<(body: string) => string> = fc.oneof(
      fc.tuple(fc.nat(48), fc.constantFrom('0', '9', 'A', 'Z', 'a', 'z', '-', '_', ' ', 'é')).map(
        ([at, to]) =>
          (body: string) =>
            body.slice(0, at) + to + body.slice(at + 1),
      ),
      fc.nat(48).map(length => (body: string) => body.slice(0, length)),
      fc.nat(47).map(at => (body: string) => body.slice(0, at) + body.charAt(at + 1) + body.charAt(at) + body.slice(at + 2)),
      fc.string({ minLength: 1 }).map(more => (body: string) => body + more),
    )
    fc.assert(
      fc.property(kinds, seeds, slips, (kind, seed, slip) => {
        const { text } = makeToken(kind, seededRandom(seed))
        const prefix = TOKEN_PREFIXES[kind]
        const changed = prefix + slip(text.slice(prefix.length))
        fc.pre(changed !== text)
        expect(readToken(changed)).toEqual({ outcome: 'mistyped', kind })
      }),
    )
  })

  it('of one kind is none of another', () => {
    const { text } = makeToken('personal', seededRandom(1))
    expect(readToken(text.replace('_pat_', '_rt_'))).toEqual({ outcome: 'mistyped', kind: 'refresh' })
  })

  it('is not seen in any other text, and no text makes the reader fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
        expect(readToken(text)).toEqual({ outcome: 'foreign' })
        expect(['mistyped', 'token']).toContain(readToken(`portolan_pat_${text}`).outcome)
      }),
    )
  })
})

function digitOf(digit: string): number {
  return '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(digit)
}
