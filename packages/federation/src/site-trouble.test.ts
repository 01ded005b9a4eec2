import { describe, expect, it } from 'vitest'
import { buildSite } from '../test/build.ts'
import { isCredentialTrouble, readTrouble, type SiteTrouble, sayTrouble, TROUBLE_KINDS, writeTrouble } from './site-trouble.ts'

const all: readonly SiteTrouble[] = [
  ...TROUBLE_KINDS.map(kind => ({ kind })),
  ...[100, 200, 302, 401, 403, 418, 503, 599].map(status => ({ kind: 'status' as const, status })),
]

describe('the trouble with a site', () => {
  it('is kept as a number and comes back', () => {
    expect(all.map(trouble => readTrouble(writeTrouble(trouble)))).toEqual(all)
    expect([writeTrouble(undefined), readTrouble(0), readTrouble(99)]).toEqual([0, undefined, undefined])
    expect(writeTrouble({ kind: 'status', status: 7 })).toBe(0)
  })

  it('keeps its numbers, since decisions are kept with them', () => {
    expect(TROUBLE_KINDS.map(kind => [kind, writeTrouble({ kind })])).toEqual([
      ['refused', 1],
      ['lookup', 2],
      ['unreachable', 3],
      ['tls', 4],
      ['blocked', 5],
      ['broken', 6],
      ['timeout', 7],
      ['unreadable', 8],
      ['credential', 9],
      ['certificate', 10],
      ['tokens', 11],
      ['client', 12],
      ['expired', 13],
    ])
  })

  it('is said in a few words', () => {
    const site = buildSite('a')
    expect(all.filter(trouble => sayTrouble(trouble, site).length > 50)).toEqual([])
    expect(sayTrouble({ kind: 'timeout' }, site)).toBe('timed out after 30 s')
    expect(sayTrouble({ kind: 'status', status: 401 }, site)).toBe('401 Unauthorized')
    expect(sayTrouble({ kind: 'status', status: 418 }, site)).toBe('418')
  })

  it('is about the credential where the site will not have us', () => {
    expect(all.filter(isCredentialTrouble)).toEqual([
      { kind: 'credential' },
      { kind: 'certificate' },
      { kind: 'client' },
      { kind: 'expired' },
      { kind: 'status', status: 401 },
      { kind: 'status', status: 403 },
    ])
  })
})
