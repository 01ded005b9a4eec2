/**
 * How many tasks of a project wait or run at sites, for projects with a quota of them. The store is asked once a second at most; what this process
 * has sent since is added at once, and what has ended since is not taken off before the next look: the figure may be too high for a moment, never
 * too low. Only the holder of the lease `dispatch` makes it grow.
 */
import type { Project, ProjectId } from '@portolan/federation'
import { SYSTEM } from '../auth/principal.ts'
import type { Store } from '../stores/store.ts'

const LOOK_MS = 1_000

export interface ProjectUse {
  /** Undefined where no quota asks for it. */
  underWay(project: ProjectId): number | undefined
  /** One more is about to be sent. To be told whether that became durable. */
  started(project: ProjectId): (stored: boolean) => void
  /** True unless the quota is used up. */
  hasRoom(project: ProjectId): boolean
}

interface Tally {
  readonly most: number
  lookedAt: number
  counted: number
  since: number
  onTheWay: number
}

export function createProjectUse(projects: readonly Project[], store: Pick<Store, 'countUnderWay'>, now: () => number): ProjectUse {
  const tallies = new Map(
    projects.flatMap(({ id, quota }): [ProjectId, Tally][] =>
      quota?.queued === undefined
        ? []
        : [[id, { most: quota.queued, lookedAt: Number.NEGATIVE_INFINITY, counted: 0, since: 0, onTheWay: 0 }]],
    ),
  )

  function countOf(project: ProjectId, tally: Tally): number {
    if (now() - tally.lookedAt >= LOOK_MS || now() < tally.lookedAt) {
      tally.lookedAt = now()
      tally.counted = store.countUnderWay(SYSTEM, project)
      // What is on its way may be counted or not yet.
      tally.since = tally.onTheWay
    }
    return tally.counted + tally.since
  }

  return {
    underWay(project) {
      const tally = tallies.get(project)
      return tally && countOf(project, tally)
    },
    started(project) {
      const tally = tallies.get(project)
      if (!tally) return () => undefined
      tally.since += 1
      tally.onTheWay += 1
      return stored => {
        tally.onTheWay -= 1
        if (!stored) tally.since -= 1
      }
    },
    hasRoom(project) {
      const tally = tallies.get(project)
      return tally === undefined || countOf(project, tally) < tally.most
    },
  }
}
