/**
 * The projects that operators have declared, who is a member, and how a person who was found behind a credential becomes a principal. Pure: files
 * do not change while the broker runs, so what a person is in is found out once for each look at their claims, not for each request.
 */
import type { Project, ProjectId } from '@portolan/federation'
import { parseMemberLine } from '@portolan/identity'
import { compileMembers, type IsMember, type KnownPerson } from './members.ts'
import type { CredentialFacts, Principal, Scope } from './principal.ts'
import type { ProjectDirectory, ProjectEntry, WayIn } from './project-of.ts'

/** A project as its file declares it. */
export interface DeclaredProject {
  readonly project: Project
  readonly name: string
  readonly members: readonly string[]
  readonly contact?: string | undefined
  readonly results?: string | undefined
  readonly uploads?: string | undefined
  readonly visibility: 'owner' | 'project'
}

/** What a credential allows of what the person may. */
export interface CredentialBounds {
  readonly scopes: readonly Scope[]
  /** The project that it is bound to. */
  readonly project?: ProjectId | undefined
  readonly tokenId?: string | undefined
  /** What is told of it. */
  readonly credential?: CredentialFacts | undefined
}

export interface DeclaredProjects extends ProjectDirectory {
  /** The principal that stands behind a credential of this person. An administrator is one only by a credential with the scope `admin`. */
  admit(person: KnownPerson, bounds: CredentialBounds): Principal
}

/** `admins`: `sub@iss` or entitlements of those who may see all. */
export function createProjectDirectory(projects: readonly DeclaredProject[], admins: readonly string[]): DeclaredProjects {
  const isAdmin = compileMembers(admins)
  const declared = projects.map(project => ({ entry: toEntry(project), isMember: compileMembers(project.members) }))
  return {
    projectsOf: ({ project, memberOf = [] }) =>
      declared.filter(({ entry }) => memberOf.includes(entry.id) && (project ?? entry.id) === entry.id).map(({ entry }) => entry),
    waysIn: listWaysIn(projects),
    admit: (person, bounds) => admit(person, bounds, declared, isAdmin),
  }
}

interface Declared {
  readonly entry: ProjectEntry
  readonly isMember: IsMember
}

function admit(person: KnownPerson, bounds: CredentialBounds, declared: readonly Declared[], isAdmin: IsMember): Principal {
  const { issuer, subject } = person
  const { scopes, project, tokenId, credential } = bounds
  const own = declared.filter(({ isMember }) => isMember(person)).map(({ entry }) => entry)
  return {
    issuer,
    subject,
    project,
    memberOf: own.map(({ id }) => id),
    sees: own.filter(({ visibility }) => visibility === 'project').map(({ id }) => id),
    roles: scopes.includes('admin') && isAdmin(person) ? ['admin'] : [],
    scopes,
    tokenId,
    credential,
  }
}

function toEntry({ project: { id, sites, quota, untilMs }, name, results, uploads, visibility }: DeclaredProject): ProjectEntry {
  return { id, name, visibility, sites, quota, untilMs, results, uploads }
}

/** What a login must say of somebody, in contrast to persons who are named one by one. */
function opensByClaims(entry: string): boolean {
  const parsed = parseMemberLine(entry)
  return parsed.ok && parsed.line.kind !== 'person'
}

function listWaysIn(projects: readonly DeclaredProject[]): readonly WayIn[] {
  const ways = projects.flatMap(({ members, contact }): readonly WayIn[] => {
    const entitlements = members.filter(opensByClaims)
    if (entitlements.length > 0) return entitlements.map(entitlement => ({ entitlement, contact }))
    return contact === undefined ? [] : [{ contact }]
  })
  return [...new Map(ways.map(way => [JSON.stringify(way), way])).values()]
}
