/**
 * Sites, locations, projects and attempts as our own routes show them. Pure; what is not named here (credentials, rules, nonces)
 * is not shown. A key whose value is undefined is left out by JSON.
 */
import {
  type Location as FederationLocation,
  type LocationId,
  type ProjectId,
  type Snapshot,
  type Attempt as StoredAttempt,
  sayTrouble,
} from '@portolan/federation'
import type { ProjectEntry } from '../auth/project-of.ts'
import type { FederationSight } from './federation-sight.ts'
import type { Attempt, AttemptList, Location, LocationList, ProjectList, Site, SiteList } from './portolan-schemas.ts'

export function showSites({ sites, missing }: FederationSight): SiteList {
  return { sites: sites.map(showSite).sort(byId), missing }
}

/** What is known of a location beside its rules: its server, and how that answers. */
export type LocationDetail = Pick<Location, 'endpoint' | 'region' | 'addressing' | 'delivery' | 'health' | 'trouble'>

export function showLocations({ locations, missing }: FederationSight, detailOf: (id: LocationId) => LocationDetail): LocationList {
  return { locations: locations.map(location => ({ ...showLocation(location), ...detailOf(location.id) })).sort(byId), missing }
}

/** `underWay`: how many tasks of the project wait or run at sites. */
export function showProjects(projects: readonly ProjectEntry[], underWay: (project: ProjectId) => number): ProjectList {
  return { projects: projects.map(project => showProject(project, underWay(project.id))).sort(byId) }
}

/** `withSiteIds`: with the ids that the sites gave, which are for those alone who could end the task there. */
export function showAttempts(attempts: readonly StoredAttempt[], withSiteIds: boolean): AttemptList {
  return { attempts: attempts.map(attempt => showAttempt(attempt, withSiteIds)).sort((a, b) => a.number - b.number) }
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function showSite({ site, status }: Snapshot['sites'][number]): Site {
  return {
    id: site.id,
    name: site.name,
    api: site.api,
    open: site.open,
    place: { country: site.place.country, city: site.place.city },
    capacity: site.capacity,
    holds: [...site.holds],
    maxSensitivity: site.maxSensitivity,
    draining: site.draining,
    health: status.health,
    trouble: showTrouble(site, status),
    running: status.running,
    idle: status.idle,
    window: status.window,
    waitMs: status.waitMs,
  }
}

/** Only while it keeps work away, or ends unread. */
function showTrouble(site: Snapshot['sites'][number]['site'], status: Snapshot['sites'][number]['status']): string | undefined {
  const trouble =
    (status.health === 'down' ? status.listTrouble : undefined) ??
    (status.submitBreakerOpen ? status.submitTrouble : undefined) ??
    status.readTrouble
  return trouble && sayTrouble(trouble, site)
}

function showLocation({ id, country, kind, readableFrom, prefixes }: FederationLocation): Location {
  return {
    id,
    country,
    kind,
    readableFrom: readableFrom && [...readableFrom],
    prefixes: prefixes.map(({ url, sensitivity, access, residency, dataset, outputs }) => ({
      url,
      sensitivity,
      access,
      residency: residency && [...residency],
      dataset,
      outputs,
    })),
  }
}

function showProject(project: ProjectEntry, queued: number): ProjectList['projects'][number] {
  const { id, name, visibility, sites, results, untilMs, quota } = project
  return { id, name, visibility, sites: sites && [...sites], results, until: showLastDay(untilMs), quota, use: { queued } }
}

/** `untilMs`: the end of the day. */
function showLastDay(untilMs: number | undefined): string | undefined {
  return untilMs === undefined ? undefined : new Date(untilMs - 1).toISOString().slice(0, 10)
}

function showAttempt(attempt: StoredAttempt, withSiteIds: boolean): Attempt {
  const { id, number, site, state, end } = attempt
  return {
    id,
    number,
    site,
    state,
    created_at: new Date(attempt.createdAt).toISOString(),
    site_task_id: withSiteIds ? attempt.siteTaskId : undefined,
    site_state: attempt.seen,
    submitted_at: showTime(attempt.submittedAt),
    accepted_at: showTime(attempt.acceptedAt),
    seen_at: showTime(attempt.seenAt),
    ran_since: showTime(attempt.ranSince),
    overrun_at: showTime(attempt.overrun?.at),
    ended_at: showTime(attempt.endedAt),
    end: end && { outcome: end.outcome, detail: end.detail, rejection: end.rejection },
  }
}

function showTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
