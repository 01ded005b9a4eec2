/**
 * The search for secrets finds what is planted: in every place, in every spelling, and by the very hooks that every test file has.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeLoginSecrets } from '../../apps/broker/src/auth/tokens/login-secrets.ts'
import { makeToken } from '../../apps/broker/src/auth/tokens/opaque-token.ts'
import { secureRandom } from '../../apps/broker/src/auth/tokens/random-source.ts'
import { create, workId } from '../../apps/broker/src/stores/contract/builders.ts'
import { openTemporary } from '../../apps/broker/src/stores/contract/temporary.ts'
import { call } from '../../apps/broker/test/call.ts'
import { startApi } from '../../apps/broker/test/start-api.ts'
import { startFederation } from '../harness/federation.ts'
import { fakeSite } from '../harness/sites.ts'
import { findLeaks } from './find-leaks.ts'
import { keepFolder } from './keep-folder.ts'
import { linkNeedles, needlesOf, tokenNeedles } from './needles.ts'
import { keep, PLACES, type Place, TOLD_PLACES, type Watch, watchRemains } from './remains.ts'
import { MARKER, makeMarker, makeSecret, markedRandom } from './secrets.ts'

/** A marker of one's own: what is planted fails nobody else. */
function plant(): { readonly marker: string; readonly watch: Watch } {
  const marker = makeMarker()
  const watch = watchRemains(needlesOf(marker))
  onTestFinished(() => watch.end())
  return { marker, watch }
}

const placesOf = (watch: Watch): readonly Place[] => [...new Set(watch.findings().map(({ place }) => place))]

const SPELLINGS: readonly (readonly [string, (marker: string) => Buffer, string])[] = [
  ['as it is', marker => Buffer.from(`x ${marker} y`), 'the marker (plain)'],
  ...[0, 1, 2].map(
    offset =>
      [
        `in base64 at offset ${offset}`,
        (marker: string) => Buffer.from(Buffer.from(`${'x'.repeat(offset)}${marker}yz`).toString('base64')),
        'the marker (base64)',
      ] as const,
  ),
  ['in base64url', marker => Buffer.from(Buffer.from(`??${marker}`).toString('base64url')), 'the marker (base64)'],
  ['in hex', marker => Buffer.from(Buffer.from(`a${marker}`).toString('hex')), 'the marker (hex)'],
  ['in hex in capitals', marker => Buffer.from(Buffer.from(marker).toString('hex').toUpperCase()), 'the marker (hex)'],
  ['as a value of a URL', marker => Buffer.from(`?q=${encodeURIComponent(`ä /${marker}&`)}`), 'the marker (plain)'],
  [
    'percent-encoded to the last letter',
    marker => Buffer.from(marker.replace(/./g, letter => `%${letter.charCodeAt(0).toString(16)}`)),
    'the marker (percent)',
  ],
  [
    'escaped in JSON',
    marker => Buffer.from(marker.replace(/./g, letter => `\\u00${letter.charCodeAt(0).toString(16)}`)),
    'the marker (json)',
  ],
  [
    'packed by zlib',
    marker => Buffer.concat([Buffer.from('head'), deflateSync(`x ${marker}`), Buffer.from('tail')]),
    'the marker (plain), in zlib',
  ],
  ...[1, 5, 9].map(
    level =>
      [
        `packed by zlib at level ${level}`,
        (marker: string) => deflateSync(`x ${marker}`, { level }),
        'the marker (plain), in zlib',
      ] as const,
  ),
  ['gzipped', marker => gzipSync(`x ${marker}`), 'the marker (plain), in gzip'],
  [
    'gzipped in the midst of something',
    marker => Buffer.concat([Buffer.from('head'), gzipSync(marker), Buffer.from('tail')]),
    'the marker (plain), in gzip',
  ],
  ['gzipped and cut off', marker => gzipSync(marker + Buffer.alloc(5_000, 'ab')).subarray(0, 60), 'the marker (plain), in gzip'],
  ['gzipped twice', marker => gzipSync(gzipSync(Buffer.from(marker).toString('hex'))), 'the marker (hex), in gzip, in gzip'],
]

describe.each(PLACES)('a secret that is planted in the place "%s"', place => {
  it.each(SPELLINGS)('%s is found', (_, spell, what) => {
    const { marker, watch } = plant()
    keep(place, 'a test', Buffer.alloc(10_000, 'no secret '))
    keep(place, 'a test', spell(marker))
    expect(watch.findings()).toMatchObject([{ place, what }])
  })
})

const CREDENTIAL = 'X-Amz-Credential=AKIDEXAMPLE%2F20261122%2Fus-east-1%2Fs3%2Faws4_request'
const SIGNATURE = `X-Amz-Signature=${'0123456789abcdef'.repeat(4)}`
const LINK = `https://store.example/results/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256&${CREDENTIAL}&X-Amz-Expires=900&${SIGNATURE}&x-id=GetObject`
const hexOf = (text: string): string => Buffer.from(text).toString('hex')

const LINKS: readonly (readonly [string, string | Buffer, 'plain' | 'base64' | 'hex' | 'percent' | 'json'])[] = [
  ['as it is', LINK, 'plain'],
  ['with its signature alone', `?${SIGNATURE}`, 'plain'],
  ['with its key alone', `?${CREDENTIAL}`, 'plain'],
  ['in small letters', LINK.toLowerCase(), 'plain'],
  ['as a value of another URL', encodeURIComponent(LINK), 'plain'],
  ['as a value of a value', encodeURIComponent(encodeURIComponent(LINK)), 'plain'],
  ['in JSON that is careful', JSON.stringify(LINK).replaceAll('=', '\\u003d').replaceAll('&', '\\u0026'), 'plain'],
  ['in base64', Buffer.from(LINK).toString('base64'), 'base64'],
  ['in hex', hexOf(LINK), 'hex'],
  ['percent-encoded to the last letter', hexOf(LINK).replace(/../g, '%$&'), 'percent'],
  ['escaped in JSON', hexOf(LINK).replace(/../g, '\\u00$&'), 'json'],
  ['gzipped', gzipSync(LINK), 'plain'],
]

describe.each([...PLACES, ...TOLD_PLACES])('T10 a signed link that is planted in the place "%s"', place => {
  it.each(LINKS)('%s is found', (_, leak, how) => {
    const watch = watchRemains(linkNeedles())
    onTestFinished(() => watch.end())
    keep(place, 'a test', Buffer.from(leak))
    expect(watch.findings().map(({ what }) => what.replace(/^a signed link \(X-Amz-\w+, (\w+)\).*$/, '$1'))).toContain(how)
  })

  it('hidden is not found', () => {
    const watch = watchRemains(linkNeedles())
    onTestFinished(() => watch.end())
    keep(
      place,
      'a test',
      'https://store.example/a?X-Amz-Signature=[hidden]&X-Amz-Credential=[hidden] and X-Amz-Signature=0a1b, which is none',
    )
    expect(watch.findings()).toEqual([])
  })
})

it.each(TOLD_PLACES)('only links are looked for in the place "%s", since a token is told to who makes it', place => {
  const { marker, watch } = plant()
  keep(place, 'a test', marker)
  expect(watch.findings()).toEqual([])
})

describe('T09 a broker that leaks', () => {
  it('into its database is found in the log of the writes, and in the file when its folder is removed', async () => {
    const { marker, watch } = plant()
    const { store } = await openTemporary()
    await create(store, workId(1), { name: Buffer.from(`name ${marker}`).toString('base64') })
    await store[Symbol.asyncDispose]()
    expect(placesOf(watch)).toContain('write-ahead log')
    const folder = await mkdtemp(join(tmpdir(), 'portolan-leak-'))
    await writeFile(join(folder, 'portolan.db'), gzipSync(marker))
    await rm(folder, { recursive: true })
    expect(placesOf(watch)).toContain('database')
  })

  it('into its answers, its metrics and its access log is found', async () => {
    const { marker, watch } = plant()
    const says = `The token is no good: ${marker}`
    {
      await using api = await startApi({
        authenticator: { authenticate: () => ({ outcome: 'refused', reason: 'unknown', says }) },
        renderMetrics: () => `portolan_leak{token="${Buffer.from(marker).toString('hex')}"} 1\n`,
      })
      expect((await call(api.port, { path: '/tasks' })).status).toBe(401)
      await call(api.port, { path: '/metrics' })
      await call(api.port, { path: `/tasks/${Buffer.from(marker).toString('base64url')}` })
    }
    expect(placesOf(watch).toSorted()).toEqual(['access log', 'error body', 'metrics'])
  })

  it('into the log of a program is found, and so is what it says itself', async () => {
    const { marker, watch } = plant()
    const folder = await mkdtemp(join(tmpdir(), 'portolan-leak-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'broker.log'), `{"msg":"${marker}"}\n`)
    keepFolder(folder, 'a test')
    process.stderr.write(`${Buffer.from(marker).toString('hex')}\n`)
    expect(watch.findings().map(({ place, what }) => [place, what])).toEqual([
      ['log', 'the marker (plain)'],
      ['log', 'the marker (hex)'],
    ])
  })
})

it('a federation of the tests leaves something to search in every place', async () => {
  const { watch } = plant()
  {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    await federation.run()
    await federation.portolan('tasks/none/placement')
  }
  const { database, ...others } = watch.searched()
  expect(database + others['write-ahead log']).toBeGreaterThan(0)
  expect(others.answer).toBeGreaterThan(0)
  expect(PLACES.filter(place => place !== 'database' && others[place as keyof typeof others] === 0)).toEqual([])
})

describe('what a broker gives out', () => {
  it.each(['personal', 'refresh', 'device', 'session'] as const)('is found without a marker: a %s token', kind => {
    const { text } = makeToken(kind, bytes => crypto.getRandomValues(new Uint8Array(bytes)))
    for (const leak of [text, btoa(`x:${text}`), Buffer.from(text).toString('hex')]) {
      expect(findLeaks(Buffer.from(`a line with ${leak} in it`), tokenNeedles())).toMatchObject([{ what: expect.stringContaining(kind) }])
    }
    expect(findLeaks(Buffer.from('it begins with portolan_pat_, and then comes [hidden]'), tokenNeedles())).toEqual([])
  })

  describe('is found without a marker: a JSON web token', () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const header = encode({ alg: 'RS256', typ: 'at+jwt', kid: 'a key of the login' })
    const claims = { iss: 'https://login.example.org/oidc/', sub: 'ada', scope: 'openid '.repeat(80), exp: 1_900_000_000 }
    const token = `${header}.${encode(claims)}.${'c2ln'.repeat(80)}`
    const percent = Buffer.from(token).toString('hex').replace(/../g, '%$&')

    it.each([
      ['of the usual length', token, 'plain'],
      ['of a few claims', `${header}.${encode({ sub: 'ada' })}.c2ln`, 'plain'],
      ['cut off', token.slice(0, header.length + 20), 'plain'],
      ['whose header begins otherwise', `${encode({ cty: 'x', alg: 'ES256' })}.${encode({ sub: 'ada' })}.c2ln`, 'plain'],
      ['as a password', btoa(`ada:${token}`), 'base64'],
      ['in hex', Buffer.from(token).toString('hex'), 'hex'],
      ['in percent-encoded bytes', percent, 'percent'],
    ])('%s', (_, text, how) => {
      const found = findLeaks(Buffer.from(`a line with "${text}" in it`), tokenNeedles())
      expect(found.map(({ what }) => what)).toContain(`a JSON web token (${how})`)
    })

    it('but no header alone, and no JSON in base64', () => {
      expect(findLeaks(Buffer.from(`${header} and ${encode(claims)}. And so on`), tokenNeedles())).toEqual([])
    })
  })

  it('is found by the marker where its chance carries it, as that of every broker in a test does', () => {
    const { state, nonce, verifier } = makeLoginSecrets(secureRandom)
    for (const secret of [state, nonce, verifier]) {
      expect(findLeaks(Buffer.from(secret), needlesOf(MARKER))).toMatchObject([{ what: 'the marker (base64)' }])
    }
    expect(new Set(Array.from({ length: 100 }, () => Buffer.from(markedRandom(32)).toString('hex'))).size).toBe(100)
    expect(findLeaks(Buffer.from(markedRandom(16)), needlesOf(MARKER))).toEqual([])
  })
})

it('a secret for tests is the same for its name, and carries the marker of the run', () => {
  expect(makeSecret('x')).toBe(makeSecret('x'))
  expect(makeSecret('x')).toContain(MARKER)
  expect(makeSecret('x')).not.toBe(makeSecret('y'))
})
