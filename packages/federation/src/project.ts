/**
 * A project: who pays, who may see, where results go.
 */
import type { ProjectId, SiteId } from './ids.ts'

export interface ProjectQuota {
  /** CPU hours in all. */
  readonly cpuHours?: number | undefined
  /** Most tasks that wait or run at sites at one time; further ones wait in the broker. */
  readonly queued?: number | undefined
}

export interface Project {
  readonly id: ProjectId
  /** Sites the project may use; absent: every site that admits it. */
  readonly sites?: readonly SiteId[] | undefined
  readonly quota?: ProjectQuota | undefined
  /** End of the project, ms since 1970; absent: open-ended. */
  readonly untilMs?: number | undefined
  readonly frozen?: boolean | undefined
  /** Prefixes that are this project's alone, in all their spellings: where its results go and where its members put inputs. */
  readonly owns?: readonly string[] | undefined
}
