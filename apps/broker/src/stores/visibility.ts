/**
 * What a principal may see and change: the one rule, as a predicate on a row and as a sight that lists walk by. Every read of the store obeys it.
 *
 * A person sees what is theirs, and through a credential bound to a project only that project's part of it; of a project that lets its members
 * see each other's tasks they see the tasks that were created while it did. Only the owner changes a task. Administrators, by a credential with
 * the scope `admin` that is bound to no project, and the broker itself see and change all.
 */
import type { ProjectId } from '@portolan/federation'
import type { Principal } from '../auth/principal.ts'

/** Whose a row is; every row of every table has these columns. */
export interface Owned {
  readonly issuer: string
  readonly subject: string
  readonly project: string
}

/** A row of `work_items`, or of what belongs to one, as far as sight goes. `visibility`: what its project said when it was created. */
export interface Seen extends Owned {
  readonly visibility: string
}

/** What a list shows. `shared`: projects of which every row counts that was created as visible to its members. */
export type Sight =
  | { readonly all: true }
  | {
      readonly all: false
      readonly issuer: string
      readonly subject: string
      readonly project?: ProjectId | undefined
      readonly shared: readonly ProjectId[]
    }

const NOTHING: readonly ProjectId[] = []

export function sightOf(principal: Principal): Sight {
  if (seesAll(principal)) return { all: true }
  const { issuer, subject, project, sees = NOTHING } = principal
  return { all: false, issuer, subject, project, shared: project === undefined ? sees : sees.filter(id => id === project) }
}

export function maySee(principal: Principal, row: Seen): boolean {
  return isOwner(principal, row) || isShared(principal, row) || seesAll(principal)
}

/** Who may cancel or hold: the owner and those who see all, never a project's other members. */
export function mayChange(principal: Principal, row: Owned): boolean {
  return isOwner(principal, row) || seesAll(principal)
}

/** Who may see how much a project uses: its members and those who see all. */
export function maySeeUse(principal: Principal, project: ProjectId): boolean {
  return (isWithin(principal, project) && (principal.memberOf ?? NOTHING).includes(project)) || seesAll(principal)
}

/** Theirs alone: what is nobody else's business, whatever the roles. */
export function isOwner(principal: Principal, row: Owned): boolean {
  return row.subject === principal.subject && row.issuer === principal.issuer && isWithin(principal, row.project)
}

/** Both must say so: the project as it is now, and as it was when the row was created. */
function isShared(principal: Principal, row: Seen): boolean {
  return row.visibility === 'project' && isWithin(principal, row.project) && (principal.sees ?? NOTHING).some(id => id === row.project)
}

/** Within what the credential is bound to. */
function isWithin(principal: Principal, project: string): boolean {
  return principal.project === undefined || principal.project === project
}

/** The same person without what they may do for all: what they see then is theirs, or is shared with them. */
export function asPerson(principal: Principal): Principal {
  return principal.roles.length === 0 ? principal : { ...principal, roles: [] }
}

/** True for administrators by a credential that says so, and for the broker itself. */
export function seesAll({ roles, scopes, project }: Principal): boolean {
  if (roles.length === 0) return false
  return roles.includes('system') || (roles.includes('admin') && scopes.includes('admin') && project === undefined)
}
