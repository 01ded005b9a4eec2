/**
 * The placer port: the decision about a task, real or asked in advance. One code path answers both, so a dry run says what would happen.
 * Crash: nothing is kept. Two callers: both get the decision of the same moment's picture of the sites.
 */
import type { Decision, ProjectId, Sight, WorkId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import type { Principal } from '../auth/principal.ts'

/** The id that a dry run's decision carries; no task ever has it. */
export const DRY_RUN = 'dry-run' as WorkId

export interface Placer {
  /** Decides as if the task were submitted now to this project, and shows what `sight` lets one see. Nothing is stored. */
  decide(task: TesTask, project: ProjectId, sight: Sight | undefined): Promise<Decision>
  /**
   * The decision as it was taken, recomputed from what was stored with the task; undefined if there is none that the principal may see.
   * `look` gets the project of the task and answers what of the decision is shown; undefined: all of it.
   */
  recall(principal: Principal, id: WorkId, look: (project: ProjectId) => Sight | undefined): Decision | undefined
}
