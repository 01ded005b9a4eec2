import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import type { KnownPerson } from './members.ts'
import { createProjectDirectory, type DeclaredProject } from './project-directory.ts'

const ISSUER = 'https://login.example.org/'
const person = (subject: string): KnownPerson => ({ issuer: ISSUER, subject, entitlements: [], authorities: [], groups: [] })
const id = (name: string) => name as ProjectId
const declare = (name: string, visibility: 'owner' | 'project', ...members: string[]): DeclaredProject => ({
  project: { id: id(name) },
  name,
  visibility,
  members: members.map(member => `${member}@${ISSUER}`),
})
const directory = createProjectDirectory(
  [declare('open', 'project', 'ada', 'bob'), declare('closed', 'owner', 'ada'), declare('empty', 'project')],
  [`root@${ISSUER}`, `ada@${ISSUER}`],
)

describe('a person who is admitted', () => {
  it('is a member of what lists them, and sees what such a project shares', () => {
    expect(directory.admit(person('ada'), { scopes: ['read'], tokenId: 't1' })).toEqual({
      issuer: ISSUER,
      subject: 'ada',
      project: undefined,
      memberOf: ['open', 'closed'],
      sees: ['open'],
      roles: [],
      scopes: ['read'],
      tokenId: 't1',
    })
  })

  it('without a project is in none', () => {
    expect(directory.admit(person('eve'), { scopes: ['read'] })).toMatchObject({ memberOf: [], sees: [] })
  })

  it.each([
    ['an administrator by a credential with the scope', 'root', ['read', 'admin'], ['admin']],
    ['no administrator by one without it', 'root', ['read', 'write'], []],
    ['no administrator by the scope alone', 'bob', ['read', 'admin'], []],
  ] as const)('is %s', (_, subject, scopes, roles) => {
    expect(directory.admit(person(subject), { scopes }).roles).toEqual(roles)
  })

  it('finds their projects, and through a credential for one that one alone', () => {
    const projects = (project?: string) =>
      directory.projectsOf(directory.admit(person('ada'), { scopes: [], project: project === undefined ? undefined : id(project) }))
    expect(projects().map(entry => entry.id)).toEqual(['open', 'closed'])
    expect(projects('closed').map(entry => entry.id)).toEqual(['closed'])
    expect(projects('empty')).toEqual([])
  })
})
