/**
 * The project that a new work item belongs to. Pure.
 */
import type { ProjectId, ProjectQuota, SiteId } from '@portolan/federation'
import type { Principal } from './principal.ts'

/** A project as its members see it. */
export interface ProjectEntry {
  readonly id: ProjectId
  readonly name: string
  readonly visibility: 'owner' | 'project'
  /** Sites that it may use; absent: every site that admits it. */
  readonly sites?: readonly SiteId[] | undefined
  readonly quota?: ProjectQuota | undefined
  readonly results?: string | undefined
  /** Below which its members put inputs of their own; absent: nowhere. */
  readonly uploads?: string | undefined
  /** When it is over, ms since 1970. */
  readonly untilMs?: number | undefined
}

/** The project directory port: which projects a principal is in. */
export interface ProjectDirectory {
  /** Through a credential that is bound to a project at most that one. */
  projectsOf(principal: Principal): readonly ProjectEntry[]
  /** What opens the projects that there are, each way once; told to who is in none. */
  readonly waysIn: readonly WayIn[]
}

/** Persons and projects are not named: this is read by those who are in none. */
export interface WayIn {
  /** An entitlement or group that makes a member. Absent: members are named one by one. */
  readonly entitlement?: string | undefined
  /** Whom to ask, where the project says it. */
  readonly contact?: string | undefined
}

export type ProjectAnswer =
  | { readonly outcome: 'found'; readonly project: ProjectEntry }
  /** Named, but not one of theirs; whether it exists is not said. `open`: those of theirs that are not over. */
  | { readonly outcome: 'unknown'; readonly named: string; readonly open: readonly ProjectEntry[] }
  /** Not named, and there is not exactly one. */
  | { readonly outcome: 'unclear'; readonly own: readonly ProjectEntry[] }

/**
 * The project that the task names, else the one its credential is bound to, else the person's only one. A task that goes to no project by name
 * goes to none that is over, as long as there is another; one that names such a project is taken, and ends with the reason.
 */
export function projectOf(named: string | undefined, principal: Principal, directory: ProjectDirectory, now: number): ProjectAnswer {
  const own = directory.projectsOf(principal)
  const open = own.filter(entry => !isOver(entry, now))
  const wanted = named ?? principal.project
  if (wanted !== undefined) {
    const project = own.find(entry => entry.id === wanted)
    return project ? { outcome: 'found', project } : { outcome: 'unknown', named: wanted, open }
  }
  const [only, ...others] = open.length > 0 ? open : own
  return only && others.length === 0 ? { outcome: 'found', project: only } : { outcome: 'unclear', own: open.length > 0 ? open : own }
}

/** Whether its last day has passed. */
export function isOver({ untilMs = Number.POSITIVE_INFINITY }: ProjectEntry, now: number): boolean {
  return untilMs <= now
}
