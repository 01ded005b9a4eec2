/**
 * The answers of the broker's own routes as zod schemas, one per component of `openapi/portolan-1.yaml`.
 * A schema bears the name of its component; `PORTOLAN_SCHEMAS` lists them all.
 */
import { ATTEMPT_STATES, REASON_CODES, SENSITIVITIES } from '@portolan/federation'
import { ErrorBody, Problem } from '@portolan/ga4gh'
import * as z from 'zod/mini'
import { ACCOUNT_SCHEMAS } from './account-schemas.ts'
import { DATA_SCHEMAS, Delivery } from './data-schemas.ts'
import { OAUTH_SCHEMAS } from './oauth-schemas.ts'

export { CreatedToken, EndedLogins, LoginList, Me, NewToken, TokenList } from './account-schemas.ts'
export {
  LiveLog,
  NewPartLinks,
  NewUpload,
  type Output,
  OutputLink,
  OutputList,
  PartLinkList,
  TaskEvent,
  TaskEventList,
  Upload,
  UploadedObject,
} from './data-schemas.ts'
export { DeviceAuthorization, TokenGrant } from './oauth-schemas.ts'

const strings = z.array(z.string())
/** A time as it is shown: RFC 3339. */
const time = z.string().check(z.meta({ format: 'date-time' }))
const day = z.string().check(z.meta({ format: 'date' }))

export const ReasonCode = z.enum(REASON_CODES)
export const Reason = z.object({ code: ReasonCode, detail: z.string(), fix: z.string() })

export const CostTerms = z.object({
  waitMs: z.int(),
  transferMs: z.int(),
  runMs: z.int(),
  outputMs: z.int(),
  retryMs: z.int(),
  bytesToMove: z.int(),
  assumed: strings,
})

export const SiteVerdict = z.object({
  id: z.string(),
  name: z.string(),
  verdict: z.enum(['pass', 'later', 'never']),
  reasons: z.array(Reason),
  terms: z.optional(CostTerms),
  cost: z.optional(z.int()),
  rank: z.optional(z.int()),
})

export const FurtherSites = z.object({ sites: z.int(), detail: z.string() })

export const Decision = z.object({
  work: z.string(),
  chosen: z.nullable(z.string()),
  outcome: z.enum(['placed', 'hold', 'refused']),
  why: z.string(),
  sites: z.array(SiteVerdict),
  further: z.optional(FurtherSites),
  counts: z.record(z.string(), z.int()),
  snapshot: z.string(),
  policyVersion: z.string(),
})
export type Decision = z.infer<typeof Decision>

export const AttemptState = z.enum(ATTEMPT_STATES)

export const AttemptEnd = z.object({
  outcome: z.enum([
    'COMPLETE',
    'EXECUTOR_ERROR',
    'SYSTEM_ERROR',
    'CANCELED',
    'PREEMPTED',
    'REJECTED',
    'ABSENT',
    'MISSING',
    'GIVEN_UP',
    'UNSENT',
  ]),
  detail: z.string(),
  rejection: z.optional(z.enum(['unsent', 'busy', 'auth', 'document', 'refused'])),
})

export const Attempt = z.object({
  id: z.string(),
  number: z.int(),
  site: z.string(),
  state: AttemptState,
  site_task_id: z.optional(z.string()),
  site_state: z.optional(z.string()),
  created_at: time,
  submitted_at: z.optional(time),
  accepted_at: z.optional(time),
  seen_at: z.optional(time),
  ran_since: z.optional(time),
  overrun_at: z.optional(time),
  ended_at: z.optional(time),
  end: z.optional(AttemptEnd),
})
export type Attempt = z.infer<typeof Attempt>

export const AttemptList = z.object({ attempts: z.array(Attempt) })
export type AttemptList = z.infer<typeof AttemptList>

export const Sensitivity = z.enum(SENSITIVITIES)
export const Place = z.object({ country: z.string(), city: z.optional(z.string()) })

export const Capacity = z.object({
  cpuCores: z.optional(z.number()),
  ramBytes: z.optional(z.int()),
  diskBytes: z.optional(z.int()),
  maxRunMs: z.optional(z.int()),
})

export const Site = z.object({
  id: z.string(),
  name: z.string(),
  api: z.enum(['tes', 'wes']),
  open: z.boolean(),
  place: Place,
  capacity: Capacity,
  holds: strings,
  maxSensitivity: Sensitivity,
  draining: z.boolean(),
  health: z.enum(['up', 'down', 'unknown']),
  trouble: z.optional(z.string()),
  running: z.int(),
  idle: z.int(),
  window: z.int(),
  waitMs: z.int(),
})
export type Site = z.infer<typeof Site>

export const SiteList = z.object({ sites: z.array(Site), missing: z.optional(z.string()) })
export type SiteList = z.infer<typeof SiteList>

export const LocationPrefix = z.object({
  url: z.string(),
  sensitivity: Sensitivity,
  access: z.enum(['share', 'compute']),
  residency: z.optional(strings),
  dataset: z.optional(z.string()),
  outputs: z.optional(z.boolean()),
})

export const Location = z.object({
  id: z.string(),
  country: z.string(),
  kind: z.enum(['s3', 'http', 'drs', 'posix']),
  readableFrom: z.optional(strings),
  prefixes: z.array(LocationPrefix),
  endpoint: z.optional(z.string()),
  region: z.optional(z.string()),
  addressing: z.optional(z.enum(['path', 'virtual'])),
  delivery: z.optional(Delivery),
  health: z.optional(z.enum(['up', 'down', 'unknown'])),
  trouble: z.optional(z.string()),
})
export type Location = z.infer<typeof Location>

export const LocationList = z.object({ locations: z.array(Location), missing: z.optional(z.string()) })
export type LocationList = z.infer<typeof LocationList>

export const ProjectQuota = z.object({ cpuHours: z.optional(z.number()), queued: z.optional(z.int()) })

export const ProjectUse = z.object({ queued: z.int() })

export const Project = z.object({
  id: z.string(),
  name: z.string(),
  sites: z.optional(strings),
  results: z.optional(z.string()),
  uploads: z.optional(z.string()),
  visibility: z.enum(['owner', 'project']),
  until: z.optional(day),
  quota: z.optional(ProjectQuota),
  use: ProjectUse,
})
export type Project = z.infer<typeof Project>

export const ProjectList = z.object({ projects: z.array(Project) })
export type ProjectList = z.infer<typeof ProjectList>

export const Health = z.object({ status: z.enum(['ok']) })
export type Health = z.infer<typeof Health>

export const Readiness = z.object({ ready: z.boolean(), problems: strings, notes: strings })
export type Readiness = z.infer<typeof Readiness>

export const PORTOLAN_SCHEMAS = {
  Error: ErrorBody,
  Problem,
  Decision,
  SiteVerdict,
  FurtherSites,
  Reason,
  ReasonCode,
  CostTerms,
  AttemptList,
  Attempt,
  AttemptState,
  AttemptEnd,
  SiteList,
  Site,
  Place,
  Capacity,
  Sensitivity,
  LocationList,
  Location,
  LocationPrefix,
  ProjectList,
  Project,
  ProjectQuota,
  ProjectUse,
  Health,
  Readiness,
  ...OAUTH_SCHEMAS,
  ...ACCOUNT_SCHEMAS,
  ...DATA_SCHEMAS,
}
