/**
 * Puts a declared site or project together with what only the broker needs of it.
 */
import { convertProject } from './convert.ts'
import type { ProjectFile } from './project-file.ts'
import type { SiteFile } from './site-file.ts'
import type { ConfiguredProject, ConfiguredSite } from './types.ts'

export function toConfiguredSite(
  file: SiteFile,
  site: ConfiguredSite['site'],
  credential: ConfiguredSite['credential'],
  from: string,
): ConfiguredSite {
  const { lat, lon } = file.place
  return {
    site,
    url: file.url.replace(/\/+$/, ''),
    dialect: file.dialect === 'tes-1.1' ? 'tes-1.1' : 'auto',
    ...(credential && { credential }),
    concurrentRequests: file.limits.concurrentRequests,
    liveReadsPerSecond: file.limits.liveReadsPerSecond,
    ...(lat !== undefined && lon !== undefined && { coordinates: { lat, lon } }),
    file: from,
  }
}

/** `owns`: the places that are its own, in all spellings. */
export function toConfiguredProject(file: ProjectFile, from: string, owns: readonly string[]): ConfiguredProject {
  return {
    project: { ...convertProject(file), ...(owns.length > 0 && { owns }) },
    name: file.name ?? file.id,
    members: file.members,
    ...(file.contact !== undefined && { contact: file.contact }),
    reviewers: file.reviewers,
    ...(file.results !== undefined && { results: file.results }),
    ...(file.uploads !== undefined && { uploads: file.uploads }),
    visibility: file.visibility,
    file: from,
  }
}
