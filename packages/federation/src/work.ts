/**
 * What placement needs to know of a work item. Made from a TES task by `describeTask()`, and of nothing else.
 */
import type { LocationId, ProjectId, SiteId, WorkId } from './ids.ts'

/** One place that an input could be read from. */
export interface Replica {
  readonly location: LocationId
  readonly url: string
  /** Of an object at a DRS server: the address of its bytes there, without its query. Its rules hold. */
  readonly at?: string | undefined
  /**
   * True if its DRS server hands out an address of the bytes there to whoever asks at the moment. Without `at` nobody knows it yet, and all rules of the
   * location hold.
   */
  readonly link?: boolean | undefined
}

/** An input and where its bytes lie, as the locators found it. */
export interface LocatedInput {
  /** As the task names it; absent for inline content. */
  readonly url?: string | undefined
  readonly path: string
  /** Empty: under no declared location. */
  readonly replicas: readonly Replica[]
  readonly bytes: number
  readonly files: number
  /** True if `bytes` is a guess, because no locator answered in time. */
  readonly assumed: boolean
  /** True if a locator was told that the object does not exist. */
  readonly missing?: boolean | undefined
  /** True for a directory with all below it. */
  readonly directory?: boolean | undefined
}

/** What the user wishes, from tags or backend parameters. */
export interface Hints {
  readonly site?: SiteId | undefined
  readonly locality: 'require' | 'prefer' | 'ignore'
  readonly rerunnable: boolean
  readonly maxRunMs?: number | undefined
}

export interface Work {
  readonly id: WorkId
  readonly kind: 'task' | 'run'
  readonly project: ProjectId
  readonly images: readonly string[]
  readonly inputs: readonly LocatedInput[]
  readonly outputs: readonly { readonly url: string; readonly path: string }[]
  readonly cpuCores: number
  readonly ramBytes: number
  readonly diskBytes: number
  readonly features: { readonly ignoreError: boolean; readonly wildcards: boolean }
  readonly backendParameters: readonly string[]
  readonly backendParametersStrict: boolean
  readonly documentBytes: number
  readonly hints: Hints
  /** Tasks of the same project that wait or run at sites now, without this one; absent: not counted. */
  readonly underWay?: number | undefined
  /** Sites that have failed this work item; they are not asked again. */
  readonly triedSites: readonly SiteId[]
  /** The site at which the last attempt was reconciled absent: it is asked again before any other. */
  readonly resendTo?: SiteId | undefined
}
