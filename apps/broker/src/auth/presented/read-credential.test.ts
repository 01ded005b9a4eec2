import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../../test/leaks/secrets.ts'
import { makeToken } from '../tokens/opaque-token.ts'
import { seededRandom } from '../tokens/random-source.fixture.ts'
import { type CredentialHeaders, MOST_CHARACTERS, readCredential } from './read-credential.ts'

const OWN = 'https://portolan.example.org'
const personal = makeToken('personal', seededRandom(1))
const other = makeToken('personal', seededRandom(2))
const refresh = makeToken('refresh', seededRandom(3))
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: object, header: object = { alg: 'ES256' }) => `${encode(header)}.${encode(claims)}.c2ln`
const ownJwt = jwt({ iss: OWN })
const foreignJwt = jwt({ iss: 'https://login.example.org/oidc/' })
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
const isPersonal = { kind: 'personal', text: personal.text, hash: personal.hash }

const foreign = makeSecret('gho')
const word = makeSecret('hunter2')
const key = makeSecret('letmein')

describe('a credential', () => {
  const rows: readonly [string, CredentialHeaders, object][] = [
    ['nothing', {}, { kind: 'none' }],
    ['a personal token as bearer', { authorization: `Bearer ${personal.text}` }, isPersonal],
    ['the scheme in another case, with more blanks', { authorization: ` bEARER   ${personal.text} ` }, isPersonal],
    ['a personal token as password of any user', { authorization: basic(`nextflow:${personal.text}`) }, isPersonal],
    ['a personal token as password of nobody', { authorization: basic(`:${personal.text}`) }, isPersonal],
    ['a personal token as X-API-Key', { 'x-api-key': personal.text }, isPersonal],
    ['the same token in both headers', { authorization: basic(`u:${personal.text}`), 'x-api-key': personal.text }, isPersonal],
    ['our access token', { authorization: `Bearer ${ownJwt}` }, { kind: 'access', text: ownJwt }],
    [
      'a JWT of another issuer',
      { authorization: `Bearer ${foreignJwt}` },
      { kind: 'foreign', text: foreignJwt, issuer: 'https://login.example.org/oidc/' },
    ],
    [
      'a JWT of an issuer that differs from us by a slash',
      { authorization: `Bearer ${jwt({ iss: `${OWN}/` })}` },
      { kind: 'foreign', issuer: `${OWN}/` },
    ],
    ['a JWT of nobody', { authorization: `Bearer ${jwt({ iss: 7 })}` }, { kind: 'foreign', issuer: undefined }],
    ['a JWT without a signature', { authorization: `Bearer ${encode({ alg: 'none' })}.${encode({ iss: OWN })}.` }, { kind: 'access' }],
    ['a token of somebody else', { authorization: `Bearer ${foreign}` }, { kind: 'opaque' }],
    ['something with dots that is no JWT', { authorization: `Bearer ${foreign}.b.c` }, { kind: 'opaque', text: `${foreign}.b.c` }],
  ]
  it.each(rows)('is read of %s', (_, headers, expected) => {
    expect(readCredential(headers, OWN)).toMatchObject(expected)
  })

  const refusals: readonly [string, CredentialHeaders, string, 400 | 401][] = [
    ['two personal tokens', { authorization: `Bearer ${personal.text}`, 'x-api-key': other.text }, 'conflict', 400],
    ['an access token and a personal one', { authorization: `Bearer ${ownJwt}`, 'x-api-key': personal.text }, 'conflict', 400],
    ['X-API-Key sent twice', { 'x-api-key': `${personal.text}, ${personal.text}` }, 'mistyped', 401],
    ['an empty Authorization', { authorization: '' }, 'scheme', 401],
    ['a token without a scheme', { authorization: personal.text }, 'scheme', 401],
    ['Digest', { authorization: 'Digest username="a"' }, 'scheme', 401],
    ['Bearer and no token', { authorization: 'Bearer ' }, 'scheme', 401],
    ['a token in quotes', { authorization: `Bearer "${personal.text}"` }, 'bearer', 401],
    ['two tokens in one header', { authorization: `Bearer ${personal.text} ${other.text}` }, 'bearer', 401],
    ['a password that is no token', { authorization: basic(`ada:${word}`) }, 'basic', 401],
    ['no colon in HTTP basic', { authorization: basic(personal.text) }, 'basic', 401],
    ['HTTP basic that is not base64', { authorization: 'Basic %%%' }, 'basic', 401],
    ['a key that is no token', { 'x-api-key': key }, 'api-key', 401],
    ['an empty key', { 'x-api-key': '' }, 'api-key', 401],
    ['a token cut off', { authorization: `Bearer ${personal.text.slice(0, -3)}` }, 'mistyped', 401],
    ['a token in another case', { 'x-api-key': `portolan_pat_${personal.text.slice(13).toLowerCase()}` }, 'mistyped', 401],
    ['a refresh token', { authorization: `Bearer ${refresh.text}` }, 'wrong-kind', 401],
    ['a refresh token as password', { authorization: basic(`ada:${refresh.text}`) }, 'wrong-kind', 401],
    ['a header without an end', { authorization: `Bearer ${key.padEnd(MOST_CHARACTERS, 'a')}` }, 'too-long', 401],
    ['a key without an end', { 'x-api-key': key.padEnd(MOST_CHARACTERS + 1, 'a') }, 'too-long', 401],
    ['a good token and a bad key', { authorization: `Bearer ${personal.text}`, 'x-api-key': key }, 'api-key', 401],
  ]
  it.each(refusals)('is refused for %s, in a sentence with a fix that repeats nothing of it', (_, headers, reason, status) => {
    const answer = readCredential(headers, OWN)
    expect(answer).toMatchObject({
      kind: 'malformed',
      reason,
      status,
      detail: expect.stringMatching(/\.$/),
      fix: expect.stringMatching(/\.$/),
    })
    for (const secret of [personal.text, other.text, refresh.text, foreign, word, key]) expect(JSON.stringify(answer)).not.toContain(secret)
  })

  it('is one of the kinds whatever is sent, and no header makes the reader fail', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('Bearer ', 'Basic ', '.', ':', personal.text, ownJwt, foreignJwt, refresh.text),
      fc.json().map(json => Buffer.from(json).toString('base64url')),
      fc.string().map(text => basic(text)),
    )
    const header = fc.option(
      fc.array(part, { maxLength: 6 }).map(parts => parts.join('')),
      { nil: undefined },
    )
    fc.assert(
      fc.property(header, header, (authorization, apiKey) => {
        const { kind } = readCredential({ authorization, 'x-api-key': apiKey }, OWN)
        expect(['none', 'access', 'personal', 'foreign', 'opaque', 'malformed']).toContain(kind)
        if (authorization === undefined && apiKey === undefined) expect(kind).toBe('none')
      }),
      { numRuns: 500 },
    )
  })
})
