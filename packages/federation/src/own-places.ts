/**
 * Places that are a project's alone: where its results go and where its members put inputs. Nobody else's task reads or writes there, whatever the
 * broker's own credential could do.
 */
import type { ProjectId } from './ids.ts'
import { compilePrefixes, type PrefixTable } from './prefixes.ts'
import type { Project } from './project.ts'
import type { ParsedUrl } from './url.ts'

/** Whose each place is. */
export function compileOwners(projects: readonly Project[]): PrefixTable<ProjectId> {
  return compilePrefixes(
    projects.flatMap(({ id, owns }) => (owns ?? []).map(url => ({ url, value: id }))),
    'web',
  )
}

/** True if the URL lies in a place of another project, or such a place lies inside it. */
export function isOwnedByOther(owners: PrefixTable<ProjectId>, url: ParsedUrl, project: ProjectId): boolean {
  const owner = owners.find(url)
  return (owner !== undefined && owner !== project) || owners.findInside(url).some(inside => inside !== project)
}
