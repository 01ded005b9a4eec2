/**
 * The last look before a task leaves for a site (I9): what its policy forbids at this moment is not sent. A decision that this process took under
 * its present rules still holds; after a restart, or when another replica decided, the site is asked about once more.
 */
import { type AttemptId, mapPaths, type ProjectId, place, type SiteId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import type { Locator } from '../data/locator.ts'
import type { WorkRow } from '../stores/store.ts'
import { describeLocated } from './describe.ts'
import { isRoom } from './is-room.ts'
import type { SnapshotSource } from './snapshot-source.ts'

export type OfferJudgement =
  | { readonly outcome: 'forbidden'; readonly why: string }
  /** With URLs in the place of paths. */
  | { readonly outcome: 'admitted'; readonly task: TesTask }

export interface OfferGuard {
  /** This process has just chosen the site of the attempt. */
  trust(attempt: AttemptId, project: ProjectId): void
  forget(attempt: AttemptId): void
  /** Whether the task may go to the site now. `written`: as it is stored. */
  judge(written: TesTask, work: WorkRow, attempt: { readonly id: AttemptId; readonly site: SiteId }): Promise<OfferJudgement>
}

export function createOfferGuard(locator: Locator, snapshots: SnapshotSource, now: () => number): OfferGuard {
  /** Until when a decision holds: a project has a last day. */
  const trusted = new Map<AttemptId, number>()

  return {
    trust(attempt, project) {
      trusted.set(attempt, snapshots.compiled(now()).projects.get(project)?.untilMs ?? Number.POSITIVE_INFINITY)
    },
    forget: attempt => void trusted.delete(attempt),
    async judge(written, row, { id, site }) {
      const { task } = mapPaths(written, snapshots.compiled(now()).snapshot.locations, row.project)
      if ((trusted.get(id) ?? 0) > now()) return { outcome: 'admitted', task }
      // The attempt has its place in the quota of its project already.
      const identity = {
        id: row.id,
        project: row.project,
        documentBytes: Buffer.byteLength(JSON.stringify(written)),
        triedSites: [],
        underWay: 0,
      }
      const work = await describeLocated(written, identity, locator, () => snapshots.compiled(now()))
      const compiled = snapshots.compiled(now())
      const verdict = place({ ...compiled, sites: compiled.sites.filter(one => one.site.id === site) }, work).sites[0]
      const denied = verdict?.reasons.filter(reason => !isRoom(reason)) ?? []
      if (denied.length === 0) return { outcome: 'admitted', task }
      return { outcome: 'forbidden', why: denied.map(reason => `${reason.code}: ${reason.detail}`).join('; ') }
    },
  }
}
