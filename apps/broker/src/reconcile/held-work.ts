/**
 * Work that waits in the broker for room at a site: why, and when it is worth another look, so that a long queue costs next to nothing while
 * nothing changes. In memory; what is forgotten is looked at once more.
 */
import { type Decision, explainWaiting, type SiteId, type WorkId } from '@portolan/federation'
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
}

export interface HeldWork {
  /** True if nothing has changed for it since the last look. `hasRoom`: may anything be sent to the site now? */
  rests(id: WorkId, hasRoom: (site: SiteId) => boolean): boolean
  /** Notes that it waits. Answers whether the reason is a new one. */
  note(id: WorkId, decision: Decision): boolean
  /** Something about it went wrong in an unforeseen way: it is left alone for a while. */
  postpone(id: WorkId): void
  forget(id: WorkId): void
}

export function createHeldWork(now: () => number): HeldWork {
  const held = new Map<WorkId, Held>()

  function keep(id: WorkId, why: string, sites: readonly SiteId[]): boolean {
    const isNew = held.get(id)?.why !== why
    if (held.size >= REMEMBERED && !held.has(id)) held.clear()
    held.set(id, { until: now() + AGAIN_MS, why, sites })
    return isNew
  }

  return {
    rests(id, hasRoom) {
      const known = held.get(id)
      return known !== undefined && known.until > now() && !known.sites.some(hasRoom)
    },
    note: (id, decision) => keep(id, explainWaiting(decision).join('\n'), waitsFor(decision)),
    postpone: id => void keep(id, held.get(id)?.why ?? '', []),
    forget: id => void held.delete(id),
  }
}

function waitsFor({ sites }: Decision): readonly SiteId[] {
  return sites.filter(({ verdict, reasons }) => verdict === 'later' && reasons.every(isRoom)).map(({ id }) => id)
}
