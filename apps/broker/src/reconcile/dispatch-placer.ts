/**
 * The placer on the broker's own picture of the sites: the dispatcher and the dry run share `describeLocated()`, the snapshot and `place()`.
 */
import { type Decision, type ProjectId, placeInSight } from '@portolan/federation'
import type { Locator } from '../data/locator.ts'
import type { Store } from '../stores/store.ts'
import type { DecisionArchive } from './decision-archive.ts'
import { describeLocated } from './describe.ts'
import { DRY_RUN, type Placer } from './placer.ts'
import type { ProjectUse } from './project-use.ts'
import type { SnapshotSource } from './snapshot-source.ts'

export function createPlacer(
  store: Store,
  locator: Locator,
  snapshots: SnapshotSource,
  use: ProjectUse,
  archive: DecisionArchive,
  now: () => number,
): Placer {
  return {
    async decide(task, project: ProjectId, sight): Promise<Decision> {
      const identity = {
        id: DRY_RUN,
        project,
        documentBytes: Buffer.byteLength(JSON.stringify(task)),
        triedSites: [],
        underWay: use.underWay(project),
      }
      const work = await describeLocated(task, identity, locator, () => snapshots.compiled(now()))
      return placeInSight(snapshots.compiled(now()), work, sight)
    },
    recall(principal, id, look) {
      const document = store.getDocument(principal, id)
      if (document?.decisionText === undefined) return undefined
      return archive.unpack(document.decisionText, document.documentText, look(document.project))
    },
  }
}
