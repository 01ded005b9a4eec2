/**
 * The project that a new work item belongs to. Pure.
 */
import type { ProjectId, SiteId } from '@portolan/federation'
import type { Principal } from './principal.ts'

/** A project as its members see it. */
export interface ProjectEntry {
  readonly id: ProjectId
  readonly name: string
  readonly visibility: 'owner' | 'project'
  /** Sites that it may use; absent: every site that admits it. */
  readonly sites?: readonly SiteId[] | undefined
  readonly results?: string | undefined
  readonly untilMs?: number | undefined
}

/** The project directory port: which projects a principal is in. */
export interface ProjectDirectory {
  projectsOf(principal: Principal): readonly ProjectEntry[]
}

/** The one project of open mode. */
export const LOCAL_PROJECT: ProjectEntry = { id: 'local' as ProjectId, name: 'Local', visibility: 'owner' }
export const openProjects: ProjectDirectory = { projectsOf: () => [LOCAL_PROJECT] }

export type ProjectAnswer =
  | { readonly outcome: 'found'; readonly project: ProjectEntry }
  /** Named, but not one of theirs; whether it exists is not said. */
  | { readonly outcome: 'unknown'; readonly named: string; readonly own: readonly ProjectEntry[] }
  /** Not named, and there is not exactly one. */
  | { readonly outcome: 'unclear'; readonly own: readonly ProjectEntry[] }

/** The project that the task names, else the one its credential is bound to, else the person's only one. */
export function projectOf(named: string | undefined, principal: Principal, directory: ProjectDirectory): ProjectAnswer {
  const own = directory.projectsOf(principal)
  const wanted = named ?? principal.project
  if (wanted !== undefined) {
    const project = own.find(entry => entry.id === wanted)
    return project ? { outcome: 'found', project } : { outcome: 'unknown', named: wanted, own }
  }
  const [only, ...others] = own
  return only && others.length === 0 ? { outcome: 'found', project: only } : { outcome: 'unclear', own }
}
