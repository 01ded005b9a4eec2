/**
 * Work that waits in the broker for room at a site: why, and when it is worth another look, so that a long queue costs next to nothing while
 * nothing changes. In memory; what is forgotten is looked at once more.
 */
import { type Decision, explainWaiting, type ProjectId, type Reason, type SiteId, type WorkId } from '@portolan/federation'
import { isRoom } from './is-room.ts'

/** Work is looked at again after this long even if no site has got room: sizes, days and rules may have changed. */
const AGAIN_MS = 30_000
/** More than this many are forgotten. */
const REMEMBERED = 100_000

interface Held {
  readonly until: number
  readonly why: string
  /** Sites that could take it as soon as they have room. */
  readonly sites: readonly SiteId[]
  /** The project whose quota is used up, if that stands in the way. */
  readonly project: ProjectId | undefined
}

/** May anything be sent to the site, or by the project, now? */
interface Room<Id> {
  hasRoom(id: Id): boolean
}

export interface HeldWork {
  /** True if nothing has changed for it since the last look. */
  rests(id: WorkId, sites: Room<SiteId>, projects: Room<ProjectId>): boolean
  /** Notes that it waits, if `full` is given for the quota of that project too. Answers whether the reason is a new one. */
  note(id: WorkId, decision: Decision, full?: ProjectId): boolean
  /** Something about it went wrong: it is left alone for a while. */
  postpone(id: WorkId, forMs?: number): void
  forget(id: WorkId): void
}

export function createHeldWork(now: () => number): HeldWork {
  const held = new Map<WorkId, Held>()

  function keep(id: WorkId, why: string, sites: readonly SiteId[], project?: ProjectId, forMs = AGAIN_MS): boolean {
    const isNew = held.get(id)?.why !== why
    if (held.size >= REMEMBERED && !held.has(id)) held.clear()
    held.set(id, { until: now() + forMs, why, sites, project })
    return isNew
  }

  return {
    rests(id, sites, projects) {
      const known = held.get(id)
      if (known === undefined || known.until <= now()) return false
      return !known.sites.some(site => sites.hasRoom(site)) || (known.project !== undefined && !projects.hasRoom(known.project))
    },
    note: (id, decision, full) => keep(id, explainWaiting(decision).join('\n'), waitsFor(decision, full !== undefined), full),
    postpone: (id, forMs) => void keep(id, held.get(id)?.why ?? '', [], undefined, forMs),
    forget: id => void held.delete(id),
  }
}

function waitsFor({ sites }: Decision, isFull: boolean): readonly SiteId[] {
  const isAwaited = (reason: Reason): boolean => isRoom(reason) || (isFull && reason.code === 'QUOTA')
  return sites.filter(({ verdict, reasons }) => verdict === 'later' && reasons.every(isAwaited)).map(({ id }) => id)
}
