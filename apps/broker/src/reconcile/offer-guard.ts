/**
 * The last look before a task leaves for a site (I9): what its policy forbids at this moment is not sent. A decision that this process took under
 * its present rules still holds; after a restart, or when another replica decided, the site is asked about once more.
 */
import {
  type AttemptId,
  hasContent,
  type Location,
  mapPaths,
  type ProjectId,
  place,
  planStaging,
  type SiteId,
  type StagingPlan,
  type WorkId,
} from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import type { Locator } from '../data/locator.ts'
import { describeLocated } from './describe.ts'
import { isRoom } from './is-room.ts'
import type { SnapshotSource } from './snapshot-source.ts'
import type { TaskSight } from './task-sight.ts'

export type OfferJudgement =
  | { readonly outcome: 'forbidden'; readonly why: string }
  /** With URLs in the place of paths, and how the site gets each input. */
  | { readonly outcome: 'admitted'; readonly task: TesTask; readonly staging: StagingPlan }

/** What of a work item counts. */
export interface OfferedWork {
  readonly id: WorkId
  readonly project: ProjectId
}

export interface OfferGuard {
  /** This process has just chosen the site of the attempt. */
  trust(attempt: AttemptId, project: ProjectId): void
  forget(attempt: AttemptId): void
  /** Whether the task may go to the site now. `written`: as it is stored. */
  judge(written: TesTask, work: OfferedWork, attempt: { readonly id: AttemptId; readonly site: SiteId }): Promise<OfferJudgement>
}

/** `sights`: what the reasons may name, since they stand in lines of the task. */
export function createOfferGuard(locator: Locator, snapshots: SnapshotSource, sights: TaskSight, now: () => number): OfferGuard {
  /** Until when a decision holds: a project has a last day. */
  const trusted = new Map<AttemptId, number>()

  return {
    trust(attempt, project) {
      trusted.set(attempt, snapshots.compiled(now()).projects.get(project)?.untilMs ?? Number.POSITIVE_INFINITY)
    },
    forget: attempt => void trusted.delete(attempt),
    async judge(written, { id: work, project }, { id, site }) {
      const { snapshot } = snapshots.compiled(now())
      const { task } = mapPaths(written, snapshot.locations, project)
      const isTrusted = (trusted.get(id) ?? 0) > now()
      if (isTrusted && !isStaged(task, locator, snapshot.locations)) return { outcome: 'admitted', task, staging: NOTHING_STAGED }
      // The attempt has its place in the quota of its project already.
      const identity = { id: work, project, documentBytes: Buffer.byteLength(JSON.stringify(written)), triedSites: [], underWay: 0 }
      const described = await describeLocated(written, identity, locator, () => snapshots.compiled(now()))
      const compiled = snapshots.compiled(now())
      const sites = compiled.sites.filter(one => one.site.id === site)
      const verdict = place({ ...compiled, sites }, described, undefined, sights(project)).sites[0]
      const denied = verdict?.reasons.filter(reason => !isRoom(reason)) ?? []
      const [at] = sites
      if (denied.length === 0 && at !== undefined) return { outcome: 'admitted', task, staging: planStaging(compiled, at, described) }
      return { outcome: 'forbidden', why: denied.map(reason => `${reason.code}: ${reason.detail}`).join('; ') }
    },
  }
}

const NOTHING_STAGED: StagingPlan = { forms: [], wishes: [] }

/** True if an input may go in another form than that of its URL: where it lies may have changed since the decision, and with it whose rules hold. */
function isStaged(task: TesTask, locator: Locator, locations: readonly Location[]): boolean {
  const staged = new Set(locations.filter(({ kind, links }) => kind === 'drs' || links === true).map(({ id }) => id))
  if (staged.size === 0) return false
  return (task.inputs ?? []).some(
    input => input.url !== undefined && !hasContent(input) && locator.find(input.url).some(({ location }) => staged.has(location)),
  )
}
