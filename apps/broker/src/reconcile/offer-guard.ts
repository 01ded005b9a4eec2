/**
 * The last look before a task leaves for a site (I9): what its policy forbids at this moment is not sent. A decision that this process took under
 * its present rules still holds; after a restart, or when another replica decided, the site is asked about once more.
 */
import {
  type AttemptId,
  type CompiledSite,
  type CompiledSnapshot,
  hasContent,
  type Location,
  type MappedTask,
  mapPaths,
  type ProjectId,
  place,
  planStaging,
  type Reason,
  type SiteId,
  type StagingPlan,
  type Work,
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
  /** Nobody can say yet whose rules hold: it may not be sent now. */
  | { readonly outcome: 'unknown'; readonly why: string }
  /** With URLs in the place of paths, by the maps that they `met`; and how the site gets each input. */
  | ({ readonly outcome: 'admitted'; readonly staging: StagingPlan } & Pick<MappedTask, 'task' | 'met'>)

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
  judge(
    written: TesTask,
    work: OfferedWork,
    attempt: { readonly id: AttemptId; readonly site: SiteId },
    signal: AbortSignal,
  ): Promise<OfferJudgement>
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
    async judge(written, { id: work, project }, { id, site }, signal) {
      const { snapshot } = snapshots.compiled(now())
      const { task, met } = mapPaths(written, snapshot.locations, project)
      const isTrusted = (trusted.get(id) ?? 0) > now()
      if (isTrusted && !isStaged(task, locator, snapshot.locations)) return { outcome: 'admitted', task, met, staging: NOTHING_STAGED }
      // The attempt has its place in the quota of its project already.
      const identity = { id: work, project, documentBytes: Buffer.byteLength(JSON.stringify(written)), triedSites: [], underWay: 0 }
      const look = async (): Promise<Look> => {
        const described = await describeLocated(written, identity, locator, () => snapshots.compiled(now()))
        const compiled = snapshots.compiled(now())
        const at = compiled.sites.find(one => one.site.id === site)
        const verdict = at && place({ ...compiled, sites: [at] }, described, undefined, sights(project)).sites[0]
        const denied = verdict?.reasons.filter(reason => !isRoom(reason)) ?? []
        return { described, compiled, at, denied, hidden: denied.length > 0 ? [] : findUnknown(compiled, described) }
      }
      let seen = await look()
      if (seen.hidden.length > 0) {
        await locator.locate(seen.hidden, PLACES_MS, signal)
        seen = await look()
      }
      const { described, compiled, at, denied, hidden } = seen
      const [first] = hidden
      if (first !== undefined) return { outcome: 'unknown', why: `Where ${first.url} lies is not known: its server has not said it` }
      if (denied.length === 0 && at !== undefined) return { outcome: 'admitted', task, met, staging: planStaging(compiled, at, described) }
      return { outcome: 'forbidden', why: denied.map(reason => `${reason.code}: ${reason.detail}`).join('; ') }
    },
  }
}

const NOTHING_STAGED: StagingPlan = { forms: [], wishes: [], looks: [] }
/** So long the servers are waited for that alone know where an input lies, ms. */
const PLACES_MS = 10_000

interface Look {
  readonly described: Work
  readonly compiled: CompiledSnapshot
  readonly at: CompiledSite | undefined
  readonly denied: readonly Reason[]
  /** Inputs whose place is known to nobody but a server that has not said it. */
  readonly hidden: readonly AskedInput[]
}

interface AskedInput {
  readonly url: string
  readonly directory: boolean
}

function findUnknown({ locations }: CompiledSnapshot, { inputs }: Work): readonly AskedInput[] {
  return inputs.flatMap(({ url, assumed, replicas, directory = false }) =>
    url !== undefined && assumed && replicas.some(({ location }) => locations.get(location)?.kind === 'drs') ? [{ url, directory }] : [],
  )
}

/** True if an input may go in another form than that of its URL: where it lies may have changed since the decision, and with it whose rules hold. */
function isStaged(task: TesTask, locator: Locator, locations: readonly Location[]): boolean {
  const staged = new Set(locations.filter(({ kind, links }) => kind === 'drs' || links === true).map(({ id }) => id))
  if (staged.size === 0) return false
  return (task.inputs ?? []).some(
    input => input.url !== undefined && !hasContent(input) && locator.find(input.url).some(({ location }) => staged.has(location)),
  )
}
