/**
 * Measures what a credential costs at the door when it is known: reading the header, finding the token, noting its use, for an access token and for a personal one; and, once
 * for each access token, verifying its signature. And the limits at the door: taking from the buckets of a person and an address. Prints the medians in microseconds, one line of JSON. A thousand tokens take turns, so that none
 * of them stays in the caches of the processor. Run with `node apps/broker/test/bench/token-check.ts`.
 */
import { generateKeyPairSync } from 'node:crypto'
import process from 'node:process'
import { createKnownCredentials } from '../../src/auth/known-credentials.ts'
import { createDoorLimits } from '../../src/auth/limits/door-limits.ts'
import { createLoginUpkeep } from '../../src/auth/login-upkeep.ts'
import type { Principal } from '../../src/auth/principal.ts'
import { createTokenAuthenticator } from '../../src/auth/token-authenticator.ts'
import { mintAccessToken, verifyAccessToken } from '../../src/auth/tokens/access-token.ts'
import { makeToken } from '../../src/auth/tokens/opaque-token.ts'
import { secureRandom } from '../../src/auth/tokens/random-source.ts'
import type { SigningKeys } from '../../src/auth/tokens/signing-keys.ts'
import { createMemoryRateBuckets } from '../../src/bus/rate-buckets-memory.ts'
import { convertRates, RatesFile } from '../../src/config/rates-file.ts'
import type { FamilyId, TokenId } from '../../src/stores/login-rows.ts'

const TOKENS = 1_000
const ROUNDS = 200
const ISSUER = 'https://portolan.example.org'
const now = Date.now()
const keys: SigningKeys = [{ id: 'k0', createdAt: now - 86_400_000, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }]

const person = { issuer: 'https://login.aai.lifescience-ri.eu/oidc/', subject: `${'a1b2c3d4'.repeat(5)}@lifescience-ri.eu` }

async function mintText(): Promise<string> {
  const grant = { person, scopes: ['read', 'write'] as const, familyId: 'family' as FamilyId, clientId: 'portolan-cli' }
  return (await mintAccessToken(grant, { keys, issuer: ISSUER, random: secureRandom, now })).text
}

/** Median time of one call in microseconds, over rounds of `calls.length` calls each. */
function timeRounds(calls: readonly string[], call: (text: string) => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const begunAt = process.hrtime.bigint()
    for (const text of calls) call(text)
    return Number(process.hrtime.bigint() - begunAt) / 1_000 / calls.length
  })
  return medianOf(times)
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

/** The whole way of a request whose credential is known: header, look, note of its use. */
function measureKnown(texts: readonly string[], tokenId?: TokenId): number {
  const known = createKnownCredentials()
  const principal: Principal = { ...person, memberOf: [], roles: [], scopes: ['read', 'write'], claimsAt: now }
  for (const text of texts) known.keep(text, { principal, tokenId }, { expiresAt: now + 900_000, mark: known.mark(), now })
  const unknown = (): never => {
    throw new Error('A known token was not found')
  }
  const authenticator = createTokenAuthenticator({
    known,
    own: { personal: unknown, access: unknown },
    foreign: { authenticate: unknown, authenticateOpaque: unknown },
    upkeep: createLoginUpkeep({ execute: unknown }, () => now),
    ownIssuer: () => ISSUER,
    now: () => now,
  })
  return timeRounds(
    texts.map(text => `Bearer ${text}`),
    authorization => {
      if (authenticator.authenticate({ authorization }, '203.0.113.7') !== principal) unknown()
    },
  )
}

async function measureVerify(texts: readonly string[]): Promise<number> {
  const times: number[] = []
  for (const text of texts) {
    const begunAt = process.hrtime.bigint()
    const { outcome } = await verifyAccessToken(text, { keys, issuer: ISSUER, now })
    times.push(Number(process.hrtime.bigint() - begunAt) / 1_000)
    if (outcome !== 'good') throw new Error('A token was refused')
  }
  return medianOf(times)
}

function measureLimits(): number {
  const rules = convertRates(RatesFile.parse({}))
  const limits = createDoorLimits({ buckets: createMemoryRateBuckets(), rules, observer: { limited: () => undefined }, now: () => now })
  const subjects = Array.from({ length: TOKENS }, (_, index) => `${index}@lifescience-ri.eu`)
  return timeRounds(subjects, subject => {
    void limits.slowPoll({ issuer: person.issuer, subject }, '203.0.113.7')
  })
}

const access = await Promise.all(Array.from({ length: TOKENS }, mintText))
const personal = Array.from({ length: TOKENS }, () => makeToken('personal', secureRandom).text)
const measured = {
  accessUs: measureKnown(access),
  personalUs: measureKnown(personal, 'token' as TokenId),
  limitsUs: measureLimits(),
  verifyUs: await measureVerify(access),
}
console.log(JSON.stringify(measured))
