/**
 * What of the federation somebody sees: the sites that one of their projects may use, and the locations that one of these sites reads. Pure.
 */
import type { Location, Snapshot } from '@portolan/federation'
import type { ProjectEntry } from '../auth/project-of.ts'

export interface FederationSight {
  readonly sites: Snapshot['sites']
  readonly locations: readonly Location[]
  /** Why there is nothing, and what to do. */
  readonly missing?: string | undefined
}

/** `projects`: those of the person that are not over; `stale`: why what their login said counts no more. */
export function narrowSight({ sites, locations }: FederationSight, projects: readonly ProjectEntry[], stale?: string): FederationSight {
  if (projects.length === 0) return { sites: [], locations: [], missing: stale ?? NO_PROJECT }
  const seen = sites.filter(({ site }) => projects.some(project => mayUse(project, site)))
  const reads = ({ readableFrom }: Location): boolean =>
    seen.length > 0 && (readableFrom === undefined || seen.some(({ site }) => readableFrom.includes(site.id)))
  return { sites: seen, locations: locations.filter(reads), missing: seen.length === 0 ? NO_SITE : undefined }
}

const NO_PROJECT = 'You are in no project that is not over: GET /portolan/v1/me (portolan me) says what opens one.'
const NO_SITE = 'None of your projects may use a site: ask their contact, or the operator of this broker.'

/** Both must say so: the file of the project, and the policy of the site. */
function mayUse({ id, sites }: ProjectEntry, { id: site, policy }: Snapshot['sites'][number]['site']): boolean {
  return (sites === undefined || sites.includes(site)) && (policy.projects === undefined || policy.projects.includes(id))
}
