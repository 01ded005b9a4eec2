/**
 * The part of the federation that somebody sees, and why it is empty where it is. Pure.
 */
import { type Location, type Snapshot, sightOf } from '@portolan/federation'
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
  const sight = sightOf({ sites, locations }, projects)
  return {
    sites: sites.filter(({ site }) => sight.sites.has(site.id)),
    locations: locations.filter(({ id }) => sight.locations.has(id)),
    missing: sight.sites.size === 0 ? NO_SITE : undefined,
  }
}

const NO_PROJECT = 'You are in no project that is not over: GET /portolan/v1/me (portolan me) says what opens one.'
const NO_SITE = 'None of your projects may use a site: ask their contact, or the operator of this broker.'
