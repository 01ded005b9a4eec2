import { describeTask, explainDecision, type LocatedInput, type ProjectId, place, type Snapshot, type WorkId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'

/** Where should this task run, and why there? */
export function explainPlacement(task: TesTask, located: readonly LocatedInput[], snapshot: Snapshot): string {
  const documentBytes = new TextEncoder().encode(JSON.stringify(task)).length
  const meta = { id: 'w1' as WorkId, project: 'spe4hd' as ProjectId, documentBytes, triedSites: [] }
  const decision = place(snapshot, describeTask(task, meta, located))
  return explainDecision(decision).join('\n')
}
