/**
 * The last look before a task leaves for a site (I9): what its policy forbids at this moment is not sent. A decision that this process took under
 * its present rules still holds; after a restart, or when another replica decided, the site is asked about once more.
 */
import { type AttemptId, type ProjectId, place, type SiteId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import type { Locator } from '../data/locator.ts'
import type { WorkRow } from '../stores/store.ts'
import { describeLocated } from './describe.ts'
import { isRoom } from './is-room.ts'
import type { SnapshotSource } from './snapshot-source.ts'
import type { TaskSight } from './task-sight.ts'

export interface OfferGuard {
  /** This process has just chosen the site of the attempt. */
  trust(attempt: AttemptId, project: ProjectId): void
  forget(attempt: AttemptId): void
  /** Why the task may not go to the site now; undefined if it may. */
  forbids(task: TesTask, work: WorkRow, attempt: { readonly id: AttemptId; readonly site: SiteId }): Promise<string | undefined>
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
    async forbids(task, row, { id, site }) {
      if ((trusted.get(id) ?? 0) > now()) return undefined
      // The attempt has its place in the quota of its project already.
      const identity = {
        id: row.id,
        project: row.project,
        documentBytes: Buffer.byteLength(JSON.stringify(task)),
        triedSites: [],
        underWay: 0,
      }
      const work = await describeLocated(task, identity, locator, () => snapshots.compiled(now()))
      const compiled = snapshots.compiled(now())
      const sites = compiled.sites.filter(one => one.site.id === site)
      const verdict = place({ ...compiled, sites }, work, undefined, sights(row.project)).sites[0]
      const denied = verdict?.reasons.filter(reason => !isRoom(reason)) ?? []
      if (denied.length === 0) return undefined
      return denied.map(reason => `${reason.code}: ${reason.detail}`).join('; ')
    },
  }
}
