import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import type { Principal } from '../principal.ts'
import { grantToken, type MakerFacts, type WantedToken } from './new-token.ts'

const DAY = 86_400_000
const NOW = 1_800_000_000_000
const ids = (...names: string[]): ProjectId[] => names.map(name => name as ProjectId)

function grant(wanted: Partial<WantedToken>, changes: Partial<Principal> = {}, facts: Partial<MakerFacts> = {}) {
  const principal: Principal = {
    issuer: 'https://login.example',
    subject: 'ada',
    roles: [],
    scopes: ['read', 'write'],
    credential: { kind: 'access', expiresAt: NOW + DAY },
    ...changes,
  }
  return grantToken(
    { name: 'engine', ...wanted },
    {
      principal,
      grantable: ['read', 'write'],
      projects: ids('lab', 'ward'),
      bounds: { personalMs: 90 * DAY, personalMostMs: 365 * DAY },
      now: NOW,
      ...facts,
    },
  )
}

const allOf = { grantable: ['read', 'write', 'admin'] } as const

describe('a new personal token', () => {
  it.each<[string, Parameters<typeof grant>, object]>([
    [
      'may what its maker may, in all projects, for the default time',
      [{}],
      { scopes: ['read', 'write'], project: undefined, expiresAt: NOW + 90 * DAY },
    ],
    [
      'may less, in one project, for as long as is asked',
      [{ scopes: ['read'], project: 'lab', days: 365 }],
      { scopes: ['read'], project: 'lab', expiresAt: NOW + 365 * DAY },
    ],
    ['is bound to the project that its maker is bound to', [{}, { project: 'ward' as ProjectId }], { project: 'ward' }],
    ['has the scope admin only where it is asked for', [{}, { scopes: ['read', 'write', 'admin'] }, allOf], { scopes: ['read', 'write'] }],
    [
      'has the scope admin where an administrator asks for it',
      [{ scopes: ['admin'] }, { scopes: ['read', 'write', 'admin'] }, allOf],
      { scopes: ['admin'] },
    ],
    ['made by a session is as good', [{}, { credential: { kind: 'session', expiresAt: 0 } }], { expiresAt: NOW + 90 * DAY }],
  ])('%s', (_sentence, asked, expected) => {
    expect(grant(...asked)).toMatchObject({ outcome: 'granted', ...expected })
  })

  it.each<[string, Parameters<typeof grant>, string, string]>([
    ['a scope that its maker lacks', [{ scopes: ['write'] }, { scopes: ['read'] }], 'scopes', '"write"'],
    ['admin, by a maker who has it no more', [{ scopes: ['admin'] }, { scopes: ['read', 'write', 'admin'] }], 'scopes', '"admin"'],
    ['no scope at all', [{ scopes: [] }], 'scopes', 'nothing'],
    ['a project that its maker is not in', [{ project: 'far' }], 'project', '"far"'],
    [
      'another project than that of its maker',
      [{ project: 'lab' }, { project: 'ward' as ProjectId }, { projects: ids('ward') }],
      'project',
      '"lab"',
    ],
    ['more days than any token lives', [{ days: 366 }], 'days', '365 days'],
    [
      'a personal token as its maker',
      [{}, { credential: { kind: 'personal', id: 'p', expiresAt: 0 } }],
      'credential',
      'A personal token makes',
    ],
    ['a token of the login itself as its maker', [{}, { credential: { kind: 'foreign', expiresAt: 0 } }], 'credential', 'login itself'],
  ])('T04 is refused with %s', (_sentence, asked, field, words) => {
    const verdict = grant(...asked)
    expect(verdict).toMatchObject({ outcome: 'refused', field, detail: expect.stringContaining(words), fix: expect.stringMatching(/\.$/) })
  })

  it('is made by nobody without a credential', () => {
    const principal: Principal = { issuer: 'local', subject: 'local', roles: [], scopes: ['read', 'write'] }
    const facts = { principal, grantable: [], projects: [], bounds: { personalMs: DAY, personalMostMs: DAY }, now: NOW }
    expect(grantToken({ name: 'x' }, facts)).toMatchObject({ outcome: 'refused', field: 'credential' })
  })
})
