/**
 * From what operators write to what the federation works with: units, defaults and ids. It checks nothing.
 */
import type {
  Location,
  LocationId,
  LocationPrefix,
  PathMap,
  Project,
  ProjectId,
  Site,
  SiteId,
  SitePolicy,
  Tracking,
} from '@portolan/federation'
import { CAPABILITIES, capabilitiesOf, UNDECLARED_SENSITIVITY } from '@portolan/federation'
import type { TokenLifetimes } from '../auth/rules/lifetimes.ts'
import type { TokensFile } from './broker-file.ts'
import type { LocationFile, PathMapFile, PrefixFile } from './location-file.ts'
import type { ProjectFile } from './project-file.ts'
import { spellingsOf } from './s3-spellings.ts'
import type { PolicyFile, SiteFile } from './site-file.ts'
import type { SiteTrackingFile, TrackingFile } from './tracking-file.ts'
import type { LocationServer } from './types.ts'

const GB = 1e9
const KIB = 1024
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function scale(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : Math.round(value * unit)
}

const toSiteIds = (ids: readonly string[]): readonly SiteId[] => ids.map(id => id as SiteId)
const toLocationIds = (ids: readonly string[]): readonly LocationId[] => ids.map(id => id as LocationId)
const toProjectIds = (ids: readonly string[]): readonly ProjectId[] => ids.map(id => id as ProjectId)

export function convertTracking(file: TrackingFile): Tracking {
  const ms = (seconds: number): number => Math.round(seconds * 1000)
  return {
    sweepMs: ms(file.sweepSeconds),
    settleMs: ms(file.settleSeconds),
    siteTimeoutMs: ms(file.siteTimeoutSeconds),
    staleAfterMs: ms(file.staleAfterSeconds),
    lostAfterMs: ms(file.lostAfterSeconds),
    maxRetries: file.maxRetries,
    measureMs: ms(file.measureSeconds),
  }
}

export function convertTokens(file: TokensFile): TokenLifetimes {
  return {
    accessMs: file.accessMinutes * MINUTE_MS,
    refreshMs: file.refreshDays * DAY_MS,
    personalMs: Math.min(file.personalDays, file.personalMaxDays) * DAY_MS,
    personalMostMs: file.personalMaxDays * DAY_MS,
  }
}

/** The site's own values, and for the rest those of all sites. */
function mergeTracking(all: TrackingFile, own: SiteTrackingFile): TrackingFile {
  return {
    sweepSeconds: own.sweepSeconds ?? all.sweepSeconds,
    settleSeconds: own.settleSeconds ?? all.settleSeconds,
    siteTimeoutSeconds: own.siteTimeoutSeconds ?? all.siteTimeoutSeconds,
    staleAfterSeconds: own.staleAfterSeconds ?? all.staleAfterSeconds,
    lostAfterSeconds: own.lostAfterSeconds ?? all.lostAfterSeconds,
    maxRetries: own.maxRetries ?? all.maxRetries,
    measureSeconds: own.measureSeconds ?? all.measureSeconds,
  }
}

function convertPolicy(file: PolicyFile, hasRules: boolean): SitePolicy {
  const { projects, ...rest } = file
  return { ...rest, ...(projects && { projects: toProjectIds(projects) }), ...(hasRules && { siteRules: true }) }
}

/** `hasRules`: a file of further rules lies beside the site's. */
export function convertSite(file: SiteFile, allTracking: TrackingFile, hasRules: boolean): Site {
  const { city } = file.place
  return {
    id: file.id as SiteId,
    name: file.name ?? file.id,
    api: file.api,
    open: file.credential === undefined,
    place: { country: file.place.country, ...(city !== undefined && { city }) },
    capacity: {
      cpuCores: file.capacity.cpuCores,
      ramBytes: scale(file.capacity.ramGb, GB),
      diskBytes: scale(file.capacity.diskGb, GB),
      maxRunMs: scale(file.capacity.maxRunHours, HOUR_MS),
    },
    network: { defaultMbps: file.network.defaultMbps, from: file.network.from },
    limits: {
      requestsPerSecond: file.limits.requestsPerSecond,
      maxIdleTasks: file.limits.maxIdleTasks,
      maxDocumentBytes: Math.floor(file.limits.maxDocumentKiB * KIB),
    },
    holds: toLocationIds(file.holds),
    maxSensitivity: file.maxSensitivity,
    policy: convertPolicy(file.policy, hasRules),
    draining: file.draining,
    capabilities: capabilitiesOf(file.dialect) ?? CAPABILITIES['tes-1.1'],
    tracking: convertTracking(mergeTracking(allTracking, file.tracking)),
  }
}

/** One rule, under every name that the data has. */
function convertPrefix(file: PrefixFile, endpoint: string | undefined): LocationPrefix[] {
  const sensitivity = file.sensitivity ?? UNDECLARED_SENSITIVITY
  const access = file.access ?? (sensitivity === 'controlled' ? 'compute' : 'share')
  return spellingsOf(file.url, endpoint).map(url => ({ ...file, url, sensitivity, access }))
}

export function convertLocation(file: LocationFile): Location {
  const { delivery } = convertServer(file)
  return {
    id: file.id as LocationId,
    country: file.country,
    kind: file.kind,
    ...(file.readableFrom && { readableFrom: toSiteIds(file.readableFrom) }),
    ...(file.credentialsAt && { credentialsAt: toSiteIds(file.credentialsAt) }),
    ...(signs(file) && delivery !== 'none' && { links: true }),
    ...(file.pathMaps && { pathMaps: file.pathMaps.map(convertPathMap) }),
    prefixes: file.prefixes.flatMap(prefix => convertPrefix(prefix, file.endpoint)),
  }
}

function convertPathMap({ from, to, projects }: PathMapFile): PathMap {
  return { from, to, ...(projects && { projects: toProjectIds(projects) }) }
}

/** `us-east-1` is what servers take that know no regions. */
export function convertServer(file: LocationFile): LocationServer {
  return {
    endpoint: file.endpoint,
    region: file.region ?? 'us-east-1',
    addressing: file.addressing ?? 'path',
    checksums: file.checksums ?? 'supported',
    cloud: file.cloud,
    delivery: file.delivery ?? usualDelivery(file),
  }
}

/** Only a pair of keys signs links. */
function signs({ kind, credential }: LocationFile): boolean {
  return kind === 's3' && credential?.kind === 's3'
}

/** A link to an HTTP server is its URL alone, of use only where no credential is asked for; one to an S3 server is signed by ours. */
function usualDelivery(file: LocationFile): LocationServer['delivery'] {
  const { kind, credential } = file
  if (kind === 's3') return signs(file) ? 'direct' : 'none'
  if (kind === 'http') return credential === undefined ? 'direct' : 'relay'
  return 'none'
}

export function convertProject(file: ProjectFile): Project {
  return {
    id: file.id as ProjectId,
    ...(file.sites && { sites: toSiteIds(file.sites) }),
    ...(file.quota !== undefined && { quota: file.quota }),
    ...(file.until !== undefined && { untilMs: Date.parse(file.until) + DAY_MS }),
    ...(file.frozen !== undefined && { frozen: file.frozen }),
  }
}
