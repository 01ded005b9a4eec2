import { createHash, createHmac } from 'node:crypto'
import type { ProjectId } from '@portolan/federation'
import * as fc from 'fast-check'
import { type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { FamilyId } from '../../stores/login-rows.ts'
import { type AccessGrant, mintAccessToken, verifyAccessToken } from './access-token.ts'
import { seededRandom } from './random-source.fixture.ts'
import { makeSigningKeys } from './signing-keys.fixture.ts'
import { ANNOUNCE_MS, jwksOf, LONGEST_ACCESS_MS } from './signing-keys.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const ISSUER = 'https://portolan.example.org'
const LOGIN = 'https://login.example.org/oidc/'
const keys = makeSigningKeys([NOW - 86_400_000])
const grant: AccessGrant = {
  person: { issuer: LOGIN, subject: 'ada@example.org' },
  scopes: ['read', 'write'],
  project: 'genomes' as ProjectId,
  familyId: 'f1' as FamilyId,
  clientId: 'portolan-cli',
}
const mint = (parts = {}) => mintAccessToken(grant, { keys, issuer: ISSUER, random: seededRandom(1), now: NOW, ...parts })
const verify = (text: string, parts = {}) => verifyAccessToken(text, { keys, issuer: ISSUER, now: NOW, ...parts })
const partsOf = (text: string) => text.split('.') as [string, string, string]
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('an access token', () => {
  it('is a JWT of RFC 9068 that names person, client, scopes, project and family', async () => {
    const { text, id } = await mint()
    const [header, payload] = partsOf(text)
    expect(decode(header)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k0' })
    expect(decode(payload)).toEqual({
      iss: ISSUER,
      aud: ISSUER,
      sub: createHash('sha256')
        .update(JSON.stringify([LOGIN, 'ada@example.org']))
        .digest('base64url'),
      sub_id: { format: 'iss_sub', iss: LOGIN, sub: 'ada@example.org' },
      client_id: 'portolan-cli',
      scope: 'read write',
      jti: id,
      iat: NOW / 1000,
      exp: NOW / 1000 + 900,
      portolan_family: 'f1',
      portolan_project: 'genomes',
    })
    expect(jwksOf(keys, NOW).keys.map(({ kid }) => kid)).toContain(decode(header).kid)
  })

  it('is verified as it was minted', async () => {
    const { text, ...minted } = await mint()
    expect(await verify(text)).toEqual({ outcome: 'good', token: minted })
    const { project: _, ...anywhere } = grant
    const { text: other, ...bare } = await mintAccessToken(anywhere, { keys, issuer: ISSUER, random: seededRandom(2), now: NOW })
    expect(await verify(other)).toEqual({ outcome: 'good', token: bare })
  })

  it('T02 never lives longer than an hour, whatever is asked', async () => {
    const { expiresAt } = await mint({ lifeMs: 30 * 86_400_000 })
    expect(expiresAt).toBe(NOW + LONGEST_ACCESS_MS)
  })

  it('T02 is verified until its last second', async () => {
    const { text } = await mint({ lifeMs: 60_000 })
    expect((await verify(text, { now: NOW + 59_999 })).outcome).toBe('good')
    expect(await verify(text, { now: NOW + 60_000 })).toMatchObject({ fault: 'expired' })
  })

  it('T19 outlives a rotation: no token is refused for it, whenever it comes', async () => {
    const rotated = makeSigningKeys([NOW - 86_400_000, NOW])
    for (let at = NOW; at <= NOW + 3 * LONGEST_ACCESS_MS; at += ANNOUNCE_MS / 3) {
      const { text, expiresAt } = await mint({ keys: rotated, now: at, lifeMs: LONGEST_ACCESS_MS })
      expect((await verify(text, { keys: rotated, now: at })).outcome).toBe('good')
      expect((await verify(text, { keys: rotated, now: expiresAt - 1 })).outcome).toBe('good')
    }
  })
})

describe('T02 what is refused', () => {
  const forge = async (change: (claims: JWTPayload) => JWTPayload, header: object = {}, signer = keys[0]) => {
    const claims: JWTPayload = decode(partsOf((await mint()).text)[1])
    return await new SignJWT(change(claims))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k0', ...header })
      .sign(signer.privateKey)
  }
  const without = (name: string) => (claims: JWTPayload) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))
  const same = (claims: JWTPayload) => claims

  const rows: readonly [string, () => Promise<string>, string][] = [
    ['a key that is not in the ring', () => forge(same, { kid: 'k9' }), 'unknown-key'],
    ['no key id', () => forge(same, { kid: undefined }), 'malformed'],
    ['a signature of another key under our id', () => forge(same, {}, makeSigningKeys([NOW])[0]), 'bad-signature'],
    ['another issuer', () => forge(claims => ({ ...claims, iss: `${ISSUER}/` })), 'foreign'],
    ['another audience', () => forge(claims => ({ ...claims, aud: 'https://site.example.org' })), 'foreign'],
    ['no audience', () => forge(without('aud')), 'foreign'],
    ['a type that is not that of access tokens', () => forge(same, { typ: 'JWT' }), 'malformed'],
    ['no expiry', () => forge(without('exp')), 'malformed'],
    ['a life of a year', () => forge(claims => ({ ...claims, exp: (claims.iat ?? 0) + 31_536_000 })), 'malformed'],
    [
      'an issue in the future',
      () => forge(claims => ({ ...claims, iat: (claims.iat ?? 0) + 61, exp: (claims.iat ?? 0) + 600 })),
      'not-yet-valid',
    ],
    ['a scope that there is not', () => forge(claims => ({ ...claims, scope: 'read everything' })), 'malformed'],
    ['no scope', () => forge(without('scope')), 'malformed'],
    ['no family', () => forge(without('portolan_family')), 'malformed'],
    [
      'another person at the login',
      () => forge(claims => ({ ...claims, sub_id: { format: 'iss_sub', iss: LOGIN, sub: 'bob' } })),
      'malformed',
    ],
    ['no person at a login', () => forge(without('sub_id')), 'malformed'],
  ]
  it.each(rows)('%s', async (_, make, fault) => {
    const text = await make()
    const answer = await verify(text)
    expect(answer).toMatchObject({ outcome: 'refused', fault })
    for (const part of partsOf(text)) expect(JSON.stringify(answer)).not.toContain(part)
  })

  it('no signature, and one made with the public key as a secret', async () => {
    const [, payload] = partsOf((await mint()).text)
    const none = `${encode({ alg: 'none', typ: 'at+jwt', kid: 'k0' })}.${payload}.`
    const body = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'k0' })}.${payload}`
    const pem = keys[0].publicKey.export({ type: 'spki', format: 'pem' })
    const confused = `${body}.${createHmac('sha256', pem).update(body).digest('base64url')}`
    for (const text of [none, confused]) expect(await verify(text)).toMatchObject({ outcome: 'refused', fault: 'malformed' })
  })

  it('whatever else is sent, and nothing makes the check fail', async () => {
    const { text } = await mint()
    const [header, payload, signature] = partsOf(text)
    const anything = fc.string({ unit: 'binary', maxLength: 80 })
    const part = (own: string) =>
      fc.oneof(
        fc.constant(own),
        anything,
        fc.json().map(json => Buffer.from(json).toString('base64url')),
      )
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          anything,
          fc.tuple(part(header), part(payload), part(signature)).map(parts => parts.join('.')),
        ),
        async sent => {
          fc.pre(sent !== text)
          expect((await verify(sent)).outcome).toBe('refused')
        },
      ),
    )
  })
})
