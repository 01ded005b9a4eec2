/** Builders of sites, locations, projects and work items for tests: they fill in what does not matter. */
import type {
  LocatedInput,
  Location,
  LocationId,
  LocationPrefix,
  Project,
  ProjectId,
  Site,
  SiteId,
  SiteStatus,
  Snapshot,
  Work,
  WorkId,
} from '../src/index.ts'
import { capabilitiesOf } from '../src/index.ts'

export const siteId = (id: string): SiteId => id as SiteId
export const locationId = (id: string): LocationId => id as LocationId
export const projectId = (id: string): ProjectId => id as ProjectId

const capabilities = capabilitiesOf('tes-1.1')
if (capabilities === undefined) throw new Error('tes-1.1 has no capabilities')

/** A site in Germany, 100 Mbit/s, large, with a login and without rules. */
export function buildSite(id: string, more: Partial<Site> = {}): Site {
  return {
    id: siteId(id),
    name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`,
    api: 'tes',
    open: false,
    place: { country: 'DE' },
    capacity: { cpuCores: 64, ramBytes: 512e9, diskBytes: 4e12, maxRunMs: 72 * 3_600_000 },
    network: { defaultMbps: 100, from: {} },
    limits: { requestsPerSecond: 5, maxIdleTasks: 20, maxDocumentBytes: 262_144 },
    holds: [],
    maxSensitivity: 'controlled',
    policy: {},
    draining: false,
    capabilities: capabilities as NonNullable<typeof capabilities>,
    tracking: {
      sweepMs: 30_000,
      settleMs: 60_000,
      siteTimeoutMs: 30_000,
      staleAfterMs: 120_000,
      lostAfterMs: 3_600_000,
      maxRetries: 3,
      measureMs: 10_000,
    },
    ...more,
  }
}

/** Up, idle, with a window of 20, and nothing known of its past. */
export function buildStatus(more: Partial<SiteStatus> = {}): SiteStatus {
  return {
    health: 'up',
    submitBreakerOpen: false,
    idle: 0,
    window: 20,
    running: 0,
    waitMs: 0,
    dispatchedSince: 0,
    drainMs: 1000,
    failuresMilli: 0,
    attemptsMilli: 0,
    ...more,
  }
}

export function buildPrefix(url: string, more: Partial<LocationPrefix> = {}): LocationPrefix {
  return { url, sensitivity: 'public', access: 'share', ...more }
}

/** An object store `s3://<id>/` in Germany with public data, readable from everywhere, that also takes outputs. */
export function buildLocation(id: string, more: Partial<Location> = {}): Location {
  return { id: locationId(id), country: 'DE', kind: 's3', prefixes: [buildPrefix(`s3://${id}/`, { outputs: true })], ...more }
}

export function buildProject(id: string, more: Partial<Project> = {}): Project {
  return { id: projectId(id), ...more }
}

/** An input of 1 MB at each of the named locations, under its `s3://<location>/`. */
export function buildInput(name: string, at: readonly string[], more: Partial<LocatedInput> = {}): LocatedInput {
  const url = `s3://${at[0] ?? 'nowhere'}/${name}`
  return {
    url,
    path: `/in/${name}`,
    replicas: at.map(location => ({ location: locationId(location), url: `s3://${location}/${name}` })),
    bytes: 1_000_000,
    files: 1,
    assumed: false,
    ...more,
  }
}

/** A task of project `p` with one core, one pinned image, no inputs and no outputs, that says it runs one minute at most. */
export function buildWork(more: Partial<Work> = {}): Work {
  return {
    id: 'w1' as WorkId,
    kind: 'task',
    project: projectId('p'),
    images: [`quay.io/biocontainers/samtools@sha256:${'a'.repeat(64)}`],
    inputs: [],
    outputs: [],
    cpuCores: 1,
    ramBytes: 1e9,
    diskBytes: 1e9,
    features: { ignoreError: false, wildcards: false },
    backendParameters: [],
    backendParametersStrict: false,
    documentBytes: 1000,
    hints: { locality: 'prefer', rerunnable: false, maxRunMs: 60_000 },
    triedSites: [],
    ...more,
  }
}

/** Sites are up and idle unless given with a status. */
export function buildSnapshot(
  sites: readonly (Site | { readonly site: Site; readonly status: SiteStatus })[],
  more: Partial<Snapshot> = {},
): Snapshot {
  return {
    id: 'snap-1',
    at: 1_800_000_000_000,
    policyVersion: 'policy-1',
    sites: sites.map(entry => ('site' in entry ? entry : { site: entry, status: buildStatus() })),
    locations: [],
    projects: [buildProject('p')],
    ...more,
  }
}
