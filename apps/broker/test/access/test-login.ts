/**
 * A login for tests that are not about logins: who asks is named by the bearer string itself. The roles are those of the table of access, which is
 * asked with real tokens.
 */
import type { ProjectId } from '@portolan/federation'
import type { Authentication, Authenticator, RefusalReason } from '../../src/auth/authenticate.ts'
import type { Scope } from '../../src/auth/principal.ts'
import { createProjectDirectory, type DeclaredProject } from '../../src/auth/project-directory.ts'
import { ROLES, type Role, type Stranger } from './roles.ts'

interface TestLogin {
  readonly authenticator: Authenticator
  /** What a request of theirs carries. */
  headers(who: Role | Stranger): Readonly<Record<string, string>>
}

export const ISSUER = 'https://login.example.org/'
const at = (...subjects: string[]): string[] => subjects.map(subject => `${subject}@${ISSUER}`)
const declare = (id: string, visibility: 'owner' | 'project', members: readonly string[]): DeclaredProject => ({
  project: { id: id as ProjectId },
  name: `Project ${id}`,
  members,
  visibility,
})
export const PROJECTS: readonly DeclaredProject[] = [
  declare('closed', 'owner', at('ada', 'carl')),
  declare('open', 'project', at('ada', 'bob')),
  declare('third', 'owner', at('ada')),
  declare('far', 'project', at('eve')),
  declare('staff', 'owner', at('root')),
]

interface Credential {
  readonly subject: string
  readonly scopes: readonly Scope[]
  readonly project?: ProjectId
}

const CREDENTIALS: Readonly<Record<Role, Credential>> = {
  owner: { subject: 'ada', scopes: ['read', 'write'] },
  member: { subject: 'bob', scopes: ['read', 'write'] },
  closedMember: { subject: 'carl', scopes: ['read', 'write'] },
  foreign: { subject: 'eve', scopes: ['read', 'write'] },
  otherProject: { subject: 'ada', scopes: ['read', 'write'], project: 'third' as ProjectId },
  admin: { subject: 'root', scopes: ['read', 'write', 'admin'] },
  plainAdmin: { subject: 'root', scopes: ['read', 'write'] },
  readOnly: { subject: 'ada', scopes: ['read'] },
  writeOnly: { subject: 'ada', scopes: ['write'] },
  byLogin: { subject: 'ada', scopes: ['read', 'write'] },
}

export const subjectOf = (role: Role): string => CREDENTIALS[role].subject

/** Bearer strings that name a role. Half of them are answered later, as by a login that must be asked. */
export const testLogin: TestLogin = {
  headers: (who): Record<string, string> => (who === 'anonymous' ? {} : { authorization: `Bearer ${who}` }),
  authenticator: {
    authenticate({ authorization }) {
      const who = authorization?.replace(/^Bearer /, '')
      const answer = answerFor(who)
      return who !== undefined && who.length % 2 === 0 ? Promise.resolve(answer) : answer
    },
  },
}

const directory = createProjectDirectory(PROJECTS, at('root'))

function answerFor(who: string | undefined): Authentication {
  if (who === undefined) return refuse('missing')
  if (who === 'unavailable') return { outcome: 'unavailable', says: 'The login does not answer', retryAfterSeconds: 7 }
  const role = ROLES.find(one => one === who)
  if (role === undefined) return refuse(STRANGER_REASONS[who] ?? 'unknown')
  const { subject, ...credential } = CREDENTIALS[role]
  const facts = { kind: 'access', id: `login of ${role}`, expiresAt: Date.now() + 15 * 60_000 } as const
  return directory.admit({ issuer: ISSUER, subject, entitlements: [], authorities: [], groups: [] }, { ...credential, credential: facts })
}

const STRANGER_REASONS: Readonly<Record<string, RefusalReason>> = {
  malformed: 'malformed',
  expired: 'expired',
  revoked: 'revoked',
  audience: 'audience',
  issuer: 'issuer',
}

function refuse(reason: RefusalReason): Authentication {
  return { outcome: 'refused', reason, says: reason === 'missing' ? 'No credential came' : `The token is no good: ${reason}` }
}
