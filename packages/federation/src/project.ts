/**
 * A project: who pays, who may see, where results go.
 */
import type { ProjectId, SiteId } from './ids.ts'

export interface Project {
  readonly id: ProjectId
  /** Sites the project may use; absent: every site that admits it. */
  readonly sites?: readonly SiteId[] | undefined
  readonly quota?: unknown
  /** End of the project, ms since 1970; absent: open-ended. */
  readonly untilMs?: number | undefined
  readonly frozen?: boolean | undefined
}
