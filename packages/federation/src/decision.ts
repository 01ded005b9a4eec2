/**
 * What placement answers: a verdict of every site with all its reasons, the cost of those that pass, and the choice.
 * The explanation is the result; nothing is computed a second time to explain it.
 */
import type { SiteId, WorkId } from './ids.ts'
import type { Location } from './location.ts'
import type { Project } from './project.ts'
import type { ReasonCode } from './reasons.ts'
import type { Site, SiteStatus } from './site.ts'

/** One failed check: a stable code, a sentence for people, and what to do about it. */
export interface Reason {
  readonly code: ReasonCode
  readonly detail: string
  readonly fix: string
}

/** `pass`: may run now. `later`: every failed check is one that time can mend. `never`: at least one that it cannot. */
export type Verdict = 'pass' | 'later' | 'never'

/** The cost of running at a site. All `…Ms` in milliseconds. */
export interface CostTerms {
  readonly waitMs: number
  readonly transferMs: number
  readonly runMs: number
  readonly outputMs: number
  readonly retryMs: number
  readonly bytesToMove: number
  /** What of this was guessed: paths of inputs without a known size, or the name of a term. */
  readonly assumed: readonly string[]
}

export interface SiteVerdict {
  readonly id: SiteId
  readonly name: string
  readonly verdict: Verdict
  readonly reasons: readonly Reason[]
  /** Only for sites that pass. `cost` is in ms; rank 1 is the best. */
  readonly terms?: CostTerms
  readonly cost?: number
  readonly rank?: number
}

export interface Decision {
  readonly work: WorkId
  readonly chosen: SiteId | null
  /** `placed`: go to `chosen`. `hold`: some site could later. `refused`: no site may ever. */
  readonly outcome: 'placed' | 'hold' | 'refused'
  /** One line for people. */
  readonly why: string
  readonly sites: readonly SiteVerdict[]
  /** Sites that are left out since they are out of sight: how many, and that in words. Absent: all are told. */
  readonly further?: { readonly sites: number; readonly detail: string } | undefined
  /** How many sites failed each check, and how many passed. */
  readonly counts: Readonly<Record<string, number>>
  readonly snapshot: string
  readonly policyVersion: string
}

/** The broker's picture of all sites at one moment: the input of a placement. */
export interface Snapshot {
  readonly id: string
  /** ms since 1970. */
  readonly at: number
  readonly policyVersion: string
  readonly sites: readonly { readonly site: Site; readonly status: SiteStatus }[]
  readonly locations: readonly Location[]
  readonly projects: readonly Project[]
}

/** Failed checks that were decided elsewhere (rules of a site in its own language), by site. */
export type ExtraVerdicts = Readonly<Record<SiteId, readonly Reason[]>>
