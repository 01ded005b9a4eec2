/**
 * Whatever is sent as a token: the verifier never throws, never lets in what the login has not signed to the letter, never sends a question to
 * an address out of a token, and never says a part of it.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokenVerifier, REFUSAL_REASONS, type TokenVerifier, type Verification } from '../src/index.ts'
import { CLIENT, type LoginServer, makeKey, type SigningKey, startLogin } from './login-server.ts'

const RUNS = { numRuns: 500 }
const MARKER = 'm4rk3r-of-the-payload'

let login: LoginServer
let verifier: TokenVerifier
let stranger: SigningKey
let good: readonly string[]

beforeAll(async () => {
  login = await startLogin()
  login.keys = [await makeKey('RS256'), await makeKey('ES256'), await makeKey('EdDSA')]
  stranger = await makeKey('RS256')
  const tokens = login.keys.flatMap(key => [login.issue({ jti: MARKER }, {}, key), login.issue({ jti: MARKER, sub: 'bob' }, {}, key)])
  good = await Promise.all(tokens)
  verifier = createTokenVerifier({ issuers: [{ issuer: login.issuer, clientId: CLIENT, claimsFrom: 'token' }] })
  for (const token of good) expect((await verifier.verify(token)).outcome).toBe('valid')
})
afterAll(() => login[Symbol.asyncDispose]())

function expectRefused(verification: Verification): void {
  expect(verification.outcome).not.toBe('valid')
  if (verification.outcome === 'refused') expect(REFUSAL_REASONS).toContain(verification.reason)
  expect(JSON.stringify(verification)).not.toContain(MARKER)
}

const isGood = (token: string) => good.includes(token)
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const aToken = fc.nat().map(n => good[n % good.length] ?? '')

describe('T01 T02 a token that the login has not signed to the letter', () => {
  it('any text', async () => {
    const anything = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(fc.base64String({ maxLength: 60 }), { maxLength: 6 }).map(parts => parts.join('.')),
      fc.tuple(fc.json(), fc.json(), fc.string()).map(parts => parts.map(part => Buffer.from(part).toString('base64url')).join('.')),
      fc.string({ minLength: 16_000, maxLength: 20_000 }),
    )
    await fc.assert(
      fc.asyncProperty(anything, async token => expectRefused(await verifier.verify(token))),
      RUNS,
    )
  })

  it('one letter changed, left out or put in', async () => {
    const letter = fc.oneof(fc.constantFrom(...'ABCabc019-_.=+/ '.split('')), fc.string({ minLength: 1, maxLength: 1 }))
    const mutant = fc.tuple(aToken, fc.nat(), letter, fc.nat(2)).map(([token, n, put, cut]) => {
      const at = n % token.length
      return `${token.slice(0, at)}${cut === 2 ? '' : put}${token.slice(at + (cut === 0 ? 0 : 1))}`
    })
    await fc.assert(
      fc.asyncProperty(
        mutant.filter(token => !isGood(token)),
        async token => expectRefused(await verifier.verify(token)),
      ),
      RUNS,
    )
  })

  it('every other spelling of the last letter of the signature', async () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const token of good) {
      for (const letter of letters) {
        const other = `${token.slice(0, -1)}${letter}`
        if (!isGood(other)) expectRefused(await verifier.verify(other))
      }
      for (const tail of ['=', '==', 'A', '.', '\n', ' ']) expectRefused(await verifier.verify(`${token}${tail}`))
    }
  })

  it('cut off', async () => {
    await fc.assert(
      fc.asyncProperty(aToken, fc.nat(), async (token, n) => expectRefused(await verifier.verify(token.slice(0, n % token.length)))),
      RUNS,
    )
  })

  it('parts of several, in any order', async () => {
    const swapped = fc.array(fc.tuple(aToken, fc.nat(2)), { minLength: 2, maxLength: 5 })
    const joined = swapped.map(parts => parts.map(([token, at]) => token.split('.')[at] ?? '').join('.'))
    await fc.assert(
      fc.asyncProperty(
        joined.filter(token => !isGood(token)),
        async token => expectRefused(await verifier.verify(token)),
      ),
      RUNS,
    )
  })

  it('another header over a good body and signature', async () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.constantFrom('none', 'HS256', 'HS512', 'RS256', 'ES256', 'RSA-OAEP'),
    )
    const header = fc.record(
      { alg: value, kid: fc.oneof(value, fc.constantFrom('key-1', 'key-2')), typ: value, jku: fc.webUrl(), jwk: fc.object(), crit: value },
      { requiredKeys: [] },
    )
    const mutant = fc.tuple(aToken, header).map(([token, mutated]) => [encode(mutated), ...token.split('.').slice(1)].join('.'))
    await fc.assert(
      fc.asyncProperty(
        mutant.filter(token => !isGood(token)),
        async token => expectRefused(await verifier.verify(token)),
      ),
      RUNS,
    )
  })

  it('another body over a good header and signature', async () => {
    const body = fc.record({
      iss: fc.constant(login.issuer),
      sub: fc.string(),
      exp: fc.oneof(fc.integer(), fc.constant(4e9)),
      aud: fc.constant(CLIENT),
    })
    const mutant = fc.tuple(aToken, body).map(([token, mutated]) => {
      const [head, , signature] = token.split('.')
      return [head, encode(mutated), signature].join('.')
    })
    await fc.assert(
      fc.asyncProperty(mutant, async token => expectRefused(await verifier.verify(token))),
      RUNS,
    )
  })

  it('good in all but its key', async () => {
    const forged = await Promise.all(
      [...login.keys.map(({ kid }) => kid), 'other', undefined].map(kid => login.issue({ jti: MARKER }, { kid }, stranger)),
    )
    for (const token of forged) expectRefused(await verifier.verify(token))
  })

  it('of the right key, with claims of any form', async () => {
    const strange = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.array(fc.anything()), fc.object(), fc.boolean())
    const claims = fc.record(
      {
        sub: strange,
        exp: strange,
        iat: strange,
        nbf: strange,
        aud: strange,
        azp: strange,
        client_id: strange,
        scope: strange,
        groups: strange,
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(claims, async changed => {
        const verification = await verifier.verify(await login.issue(JSON.parse(JSON.stringify(changed)), {}, login.keys[2]))
        if (verification.outcome === 'valid') expect(verification.subject).toBe(changed.sub ?? '0a1b@lifescience-ri.eu')
      }),
      { numRuns: 300 },
    )
  })

  it('and of all this the login heard nothing but questions for its endpoints and keys', () => {
    expect(login.asked.filter(endpoint => endpoint !== 'discovery' && endpoint !== 'keys')).toEqual([])
    expect(login.asked.length).toBeLessThanOrEqual(4)
  })
})
