/**
 * T19: keys come and go while people work. Nobody with a good token is turned away for it, and no login is flooded with questions.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTokenVerifier, type TokenCheck, type TokenVerifier } from '../src/index.ts'
import { CLIENT, type LoginServer, makeKey, startLogin } from './login-server.ts'

const NOW = 1_800_000_000_000
const MINUTE = 60_000

let clock: number
let login: LoginServer
let verifier: TokenVerifier

beforeEach(async () => {
  clock = NOW
  login = await startLogin(() => clock)
  verifier = createTokenVerifier({
    issuers: [{ issuer: login.issuer, clientId: CLIENT, claimsFrom: 'token' }],
    now: () => clock,
    timeoutMs: 2_000,
  })
})
afterEach(() => login[Symbol.asyncDispose]())

const keyQuestions = () => login.asked.filter(endpoint => endpoint === 'keys').length
const outcomes = (checks: readonly TokenCheck[]) => [
  ...new Set(checks.map(check => (check.outcome === 'refused' ? check.reason : check.outcome))),
]
const checkAll = (tokens: readonly string[]) => Promise.all(tokens.map(token => verifier.check(token)))

async function settle(done: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error('It did not come about in 10 s')
    await new Promise(resolve => setImmediate(resolve))
  }
}

describe('T19 keys that are rotated', () => {
  it('T19 five hundred who come at once to a cold verifier ask once', async () => {
    const token = await login.issue()
    expect(outcomes(await checkAll(Array(500).fill(token)))).toEqual(['valid'])
    expect(login.asked).toEqual(['discovery', 'keys'])
  })

  it('T19 under load both keys count, and the new one costs one question', async () => {
    const before = await login.issue()
    await verifier.check(before)
    clock += MINUTE
    const next = await makeKey('RS256')
    login.keys = [...login.keys, next]
    const after = await login.issue({}, {}, next)
    expect(outcomes(await checkAll(Array(200).fill([before, after]).flat()))).toEqual(['valid'])
    expect(keyQuestions()).toBe(2)
  })

  it('T19 once the old key is withdrawn its tokens are refused, and not before the copy is renewed', async () => {
    const old = await login.issue()
    await verifier.check(old)
    login.keys = [await makeKey()]
    expect(outcomes(await checkAll([old]))).toEqual(['valid'])
    clock += 11 * MINUTE
    expect(outcomes(await checkAll([old]))).toEqual(['valid'])
    await settle(() => keyQuestions() === 2)
    clock += MINUTE
    const good = await login.issue()
    expect(outcomes(await checkAll([good]))).toEqual(['valid'])
    expect(outcomes(await checkAll([old]))).toEqual(['unknown_key'])
  })

  it('T19 a storm of unknown keys costs one question in half a minute, and turns away nobody with a good token', async () => {
    const good = await login.issue()
    await verifier.check(good)
    clock += MINUTE
    const stranger = await makeKey()
    const storm = await Promise.all(Array.from({ length: 200 }, (_, n) => login.issue({}, { kid: `made-up-${n}` }, stranger)))
    const answers = await checkAll(storm.flatMap(token => [token, good]))
    expect(outcomes(answers.filter((_, n) => n % 2 === 1))).toEqual(['valid'])
    expect(answers.filter((answer, n) => n % 2 === 0 && answer.outcome === 'valid')).toEqual([])
    expect(keyQuestions()).toBe(2)
    await checkAll(storm)
    expect(keyQuestions()).toBe(2)
  })

  it('T19 a key that is newer than the copy is asked for again soon: its tokens are put off and not refused', async () => {
    await verifier.check(await login.issue())
    clock += 10_000
    const next = await makeKey()
    login.keys = [next]
    const fresh = await login.issue()
    const check = await verifier.check(fresh)
    expect(check).toMatchObject({ outcome: 'unavailable', retryAfterMs: 20_000, detail: expect.stringContaining('may have a new key') })
    clock += 20_000
    expect(outcomes(await checkAll([fresh]))).toEqual(['valid'])
  })

  it('T19 a key that comes while the keys are on their way to us puts its tokens off, and refuses none', async () => {
    const arrival = Promise.withResolvers<void>()
    let isSlow = false
    const slow = createTokenVerifier({
      issuers: [{ issuer: login.issuer, clientId: CLIENT, claimsFrom: 'token' }],
      now: () => clock,
      async fetch(url, init) {
        const answer = await fetch(url, init)
        if (isSlow && url.endsWith('/jwk')) await arrival.promise
        return answer
      },
    })
    await slow.check(await login.issue())
    clock += MINUTE
    isSlow = true
    const stranger = slow.check(await login.issue({}, { kid: 'made-up' }, await makeKey()))
    await settle(() => keyQuestions() === 2)
    clock += 1_000
    const next = await makeKey()
    login.keys = [...login.keys, next]
    const fresh = await login.issue({}, {}, next)
    const early = slow.check(fresh)
    arrival.resolve()
    expect(await stranger).toMatchObject({ outcome: 'refused', reason: 'unknown_key' })
    expect(await early).toMatchObject({ outcome: 'unavailable', retryAfterMs: 29_000 })
    clock += 29_000
    expect(await slow.check(fresh)).toMatchObject({ outcome: 'valid' })
    expect(keyQuestions()).toBe(3)
  })

  it('T19 a token older than the copy, by a key that is not in it, is refused at once', async () => {
    await verifier.check(await login.issue())
    const old = await login.issue({ iat: NOW / 1000 - 600 }, {}, await makeKey())
    expect(outcomes(await checkAll([old]))).toEqual(['unknown_key'])
    expect(keyQuestions()).toBe(1)
  })
})

describe('T19 a login that falls silent', () => {
  it('T19 its keys count for half an hour more, and it is asked every half minute at most', async () => {
    const token = await login.issue({ exp: NOW / 1000 + 36_000 })
    await verifier.check(token)
    login.faults.set('keys', { status: 503 })
    clock += 10 * MINUTE
    for (let minute = 10; minute < 40; minute++) {
      const asked = keyQuestions()
      await settle(async () => {
        expect(outcomes(await checkAll(Array(20).fill(token)))).toEqual(['valid'])
        return keyQuestions() > asked
      })
      expect(keyQuestions()).toBe(asked + 1)
      clock += MINUTE
    }
    expect(await verifier.check(token)).toMatchObject({ outcome: 'unavailable', issuer: login.issuer })
    login.faults.clear()
    clock += MINUTE
    expect(outcomes(await checkAll([token]))).toEqual(['valid'])
  })

  it('T19 while it is silent nobody waits for it whose key is known', async () => {
    const token = await login.issue({ exp: NOW / 1000 + 36_000 })
    await verifier.check(token)
    login.faults.set('keys', { silent: true })
    clock += 11 * MINUTE
    expect(outcomes(await checkAll(Array(50).fill(token)))).toEqual(['valid'])
    await settle(() => keyQuestions() === 2)
  })

  it('T19 keys that are of no use are left out, and none at all is a failure', async () => {
    const token = await login.issue()
    login.faults.set('keys', {
      body: JSON.stringify({ keys: [null, 7, { kty: 'oct', k: 'c2VjcmV0' }, { kty: 'RSA' }, login.keys[0]?.jwk] }),
    })
    expect(outcomes(await checkAll([token]))).toEqual(['valid'])
    const other = createTokenVerifier({ issuers: [{ issuer: login.issuer, clientId: CLIENT, claimsFrom: 'token' }], now: () => clock })
    login.faults.set('keys', { body: JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }) })
    expect(await other.check(token)).toMatchObject({ outcome: 'unavailable', detail: expect.stringContaining('published no keys') })
  })
})
