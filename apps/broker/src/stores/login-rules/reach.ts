/**
 * What of the login store a principal reaches: a person what is theirs, and through a credential bound to a project only what is bound to the
 * same one; who sees all (`visibility.ts`) everything. That a project shows its tasks to its members opens nothing here. Pure.
 */
import type { Principal } from '../../auth/principal.ts'
import type { PersonRef } from '../login-rows.ts'
import { seesAll } from '../visibility.ts'

export function isPerson(principal: PersonRef, person: PersonRef): boolean {
  return principal.issuer === person.issuer && principal.subject === person.subject
}

/** What is said of a person does not belong to a project. */
export function reachesPerson(principal: Principal, person: PersonRef): boolean {
  return isPerson(principal, person) || seesAll(principal)
}

/** `project`: what the row is bound to, if it is. */
export function reachesOwned(principal: Principal, owner: PersonRef, project: string | undefined): boolean {
  const within = principal.project === undefined || principal.project === project
  return (within && isPerson(principal, owner)) || seesAll(principal)
}

/** True if a credential with these rights could more than the principal's own. */
export function exceeds(principal: Principal, wanted: Pick<Principal, 'project' | 'scopes'>): boolean {
  const foreignProject = principal.project !== undefined && principal.project !== wanted.project
  return foreignProject || wanted.scopes.some(scope => !principal.scopes.includes(scope))
}
