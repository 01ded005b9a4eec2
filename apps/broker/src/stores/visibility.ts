/**
 * What a principal may see: the one rule, as a predicate on a row and as a condition of a query.
 * A person sees what is theirs, and through a credential bound to a project only that project's part of it; admins and the broker see all.
 */
import type { Principal } from '../auth/principal.ts'

/** The columns that every row has. */
export interface Owned {
  readonly issuer: string
  readonly subject: string
  readonly project: string
}

/** `own`: rows of this person, in this project if it is given. */
export type Sight =
  | { readonly all: true }
  | { readonly all: false; readonly issuer: string; readonly subject: string; readonly project?: string | undefined }

export function sightOf(principal: Principal): Sight {
  if (principal.roles.length > 0) return { all: true }
  return { all: false, issuer: principal.issuer, subject: principal.subject, project: principal.project }
}

export function maySee(principal: Principal, row: Owned): boolean {
  return principal.roles.length > 0 || isOwner(principal, row)
}

/** Who may cancel or hold: the owner and those who see all, never a project's other members. */
export function mayChange(principal: Principal, row: Owned): boolean {
  return principal.roles.length > 0 || isOwner(principal, row)
}

function isOwner(principal: Principal, row: Owned): boolean {
  return (
    row.issuer === principal.issuer &&
    row.subject === principal.subject &&
    (principal.project === undefined || principal.project === row.project)
  )
}
