/**
 * A site: a TES or WES server with a place, a size, a network and a policy. Declared by an operator, never guessed.
 */
import type { LocationId, ProjectId, SiteId } from './ids.ts'
import type { Sensitivity } from './sensitivity.ts'
import type { SiteTrouble } from './site-trouble.ts'

/** What the software of a site can do. `auto` and `tes-1.1` give fixed values; later dialects bring their own. */
export interface Capabilities {
  /** URL schemes that the site stages inputs from, without the colon: `https`, `http`, `s3`, … */
  readonly inputSchemes: readonly string[]
  readonly outputSchemes: readonly string[]
  readonly ignoreError: boolean
  readonly wildcards: boolean
  readonly streamable: boolean
  /** Names of backend parameters that the site knows, lower case. */
  readonly backendParameters: readonly string[]
  /** The largest page of its task list. */
  readonly maxPageSize: number
}

export interface ImageRules {
  /** Glob patterns of image names; absent: every image. */
  readonly allow?: readonly string[] | undefined
  /** `required`: the image must be pinned by digest. */
  readonly digest?: 'required' | 'optional' | undefined
  readonly base?: readonly string[] | undefined
  readonly signed?: unknown
}

/** The rules of a site. An absent key is no rule; a declared key always counts, and an empty list of what is admitted admits nothing. */
export interface SitePolicy {
  readonly projects?: readonly ProjectId[] | undefined
  readonly groups?: readonly string[] | undefined
  readonly countries?: readonly string[] | undefined
  readonly affiliations?: readonly string[] | undefined
  readonly terms?: readonly string[] | undefined
  readonly assurance?: string | undefined
  readonly mfa?: string | undefined
  readonly visas?: readonly unknown[] | undefined
  readonly visaMarginHours?: number | undefined
  readonly approvedWorkOnly?: boolean | undefined
  readonly egressReview?: boolean | undefined
  readonly isolation?: string | undefined
  readonly images?: ImageRules | undefined
  /** URL prefixes that results may go to; absent: everywhere. */
  readonly outputs?: { readonly allow: readonly string[] } | undefined
  readonly quota?: unknown
  readonly frozen?: boolean | undefined
  /** True where a file of further rules lies beside the site's: they arrive as extra verdicts. */
  readonly siteRules?: boolean | undefined
}

export interface Site {
  readonly id: SiteId
  readonly name: string
  readonly api: 'tes' | 'wes'
  /** True for a site without a credential: anybody could talk to it, so it never gets more than public data. */
  readonly open: boolean
  /** `country` is ISO 3166-1 alpha-2. */
  readonly place: { readonly country: string; readonly city?: string | undefined }
  /** The most that one task can ever get. RAM and disk in bytes, run time in ms. */
  readonly capacity: {
    readonly cpuCores?: number | undefined
    readonly ramBytes?: number | undefined
    readonly diskBytes?: number | undefined
    readonly maxRunMs?: number | undefined
  }
  /** Megabits (10^6 bits) per second into the site. */
  readonly network: { readonly defaultMbps: number; readonly from: Readonly<Record<LocationId, number>> }
  readonly limits: { readonly requestsPerSecond: number; readonly maxIdleTasks: number; readonly maxDocumentBytes: number }
  /** Locations on the site's own ground: their bytes need not move. */
  readonly holds: readonly LocationId[]
  readonly maxSensitivity: Sensitivity
  readonly policy: SitePolicy
  readonly draining: boolean
  readonly capabilities: Capabilities
  readonly tracking: Tracking
}

/** Times and counts that steer how a site is followed. All times in ms. */
export interface Tracking {
  readonly sweepMs: number
  readonly settleMs: number
  readonly siteTimeoutMs: number
  readonly staleAfterMs: number
  readonly lostAfterMs: number
  readonly maxRetries: number
  /** The longest that the end of a task waits until its outputs are measured. */
  readonly measureMs: number
}

/** What the broker has seen of a site, at the moment of a snapshot. */
export interface SiteStatus {
  /** `unknown`: not asked yet; counts as up. */
  readonly health: 'up' | 'down' | 'unknown'
  /** True while the breaker of the operation class `submit` is open. */
  readonly submitBreakerOpen: boolean
  /** How the last listing, and the last submission, failed; absent: it did not, or nobody knows. */
  readonly listTrouble?: SiteTrouble | undefined
  readonly submitTrouble?: SiteTrouble | undefined
  /** Why tasks there cannot be read by themselves now, though they are listed; for people alone: no placement looks at it. */
  readonly readTrouble?: SiteTrouble | undefined
  /** Tasks of ours there that do not run yet, and how many of those the window allows. */
  readonly idle: number
  readonly window: number
  readonly running: number
  /** How long a task waits there, ms: a moving average of what was seen. */
  readonly waitMs: number
  /** Our own dispatches since `waitMs` was taken, and the ms that each of them adds. */
  readonly dispatchedSince: number
  readonly drainMs: number
  /** Failures charged to the site and attempts, decayed, in thousandths: integers. */
  readonly failuresMilli: number
  readonly attemptsMilli: number
  /** Bits per ms from locations, as transfers into the site have shown; what is not in it is as declared. */
  readonly learned?: Readonly<Record<LocationId, number>> | undefined
}
