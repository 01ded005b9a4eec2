/**
 * The event feed over the store's table of events. Those who follow read the same slices, so each is read once for all of them, and who may see what is
 * decided event by event. In memory are a few slices and what is known of the tasks in them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WorkId } from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import { type Principal, SYSTEM } from '../auth/principal.ts'
import type { Bus } from '../bus/bus.ts'
import type { EventReads, NumberedEvent } from '../stores/event-reads.ts'
import { maySee, type Seen } from '../stores/visibility.ts'
import type { EventFeed, FedEvent } from './event-feed.ts'

/** Events that are looked at in one step. */
const SLICE = 1_000
const SLICES_KEPT = 8
/** More than there are in the slices that are kept: what is known of a task outlives them. */
const TASKS_KEPT = 10_000
const BUDGET_MS = 200
/** So many who follow are told before requests get their turn. */
const TOLD_A_TURN = 32
/** The bus may lose any message. */
const LOOK_EVERY_MS = 1_000

/** A task as it was last read: whichever slice an event stands in, its state is never older than what was told before. */
interface KnownTask {
  readonly seen: Seen
  state: TesState
}

/** `shown`: as it was told last, one object for all who follow. */
interface KeptEvent {
  readonly event: NumberedEvent
  readonly task: KnownTask
  shown?: FedEvent | undefined
}

interface Slice {
  readonly events: readonly KeptEvent[]
  readonly after: number
  /** The newest number when it was read. */
  readonly end: number
}

/** `now`: ms since 1970. */
export function createStoreFeed(reads: EventReads, bus: Pick<Bus, 'subscribe'>, now: () => number): EventFeed {
  const slices = new Map<number, Slice>()
  const tasks = new Map<WorkId, KnownTask>()
  const listeners = new Set<() => void>()
  let told = 0
  let stopLooking: (() => void) | undefined

  const end = (): number => reads.lastEventNumber(SYSTEM)

  function learn({ work, seen, state }: NumberedEvent): KnownTask {
    const task = tasks.get(work) ?? { seen, state }
    task.state = state
    tasks.delete(work)
    tasks.set(work, task)
    const oldest = tasks.keys().next().value
    if (tasks.size > TASKS_KEPT && oldest !== undefined) tasks.delete(oldest)
    return task
  }

  function sliceAfter(after: number, newest: number): Slice {
    const kept = slices.get(after)
    if (kept && (kept.end === newest || kept.after < kept.end)) return kept
    const { events, after: last } = reads.listEvents(SYSTEM, after, SLICE)
    const slice = { events: events.map(event => ({ event, task: learn(event) })), after: last, end: Math.max(last, newest) }
    slices.delete(after)
    slices.set(after, slice)
    const oldest = slices.keys().next().value
    if (slices.size > SLICES_KEPT && oldest !== undefined) slices.delete(oldest)
    return slice
  }

  /** By the index of the task, past everything that is about others. */
  function readOne(principal: Principal, task: WorkId, after: number, limit: number, newest: number) {
    const { events } = reads.listEventsOf(SYSTEM, task, after, limit)
    const shown = events.filter(({ seen }) => maySee(principal, seen)).map(event => show(event, learn(event).state))
    const last = events.at(-1)?.number ?? 0
    return { events: shown, after: events.length === limit ? last : Math.max(last, newest) }
  }

  function look(): void {
    const newest = end()
    if (newest === told) return
    told = newest
    void tell()
  }

  async function tell(): Promise<void> {
    for (const [index, listener] of [...listeners].entries()) {
      if (index % TOLD_A_TURN === TOLD_A_TURN - 1) await nextTurn()
      if (listeners.has(listener)) listener()
    }
  }

  function startLooking(): () => void {
    told = end()
    const leave = bus.subscribe('events', look)
    const timer = setInterval(look, LOOK_EVERY_MS)
    return () => {
      leave()
      clearInterval(timer)
    }
  }

  return {
    end,
    async read(principal, task, after, limit) {
      const newest = end()
      if (task !== undefined && newest - after > SLICE) return readOne(principal, task, after, limit, newest)
      const until = now() + BUDGET_MS
      const events: FedEvent[] = []
      for (let at = Math.min(after, newest); ; await nextTurn()) {
        if (at >= newest) return { events, after: at }
        const slice = sliceAfter(at, newest)
        for (const kept of slice.events) {
          const { event, task: known } = kept
          if (task !== undefined && event.work !== task) continue
          if (!maySee(principal, known.seen)) continue
          if (kept.shown?.state !== known.state) kept.shown = show(event, known.state)
          events.push(kept.shown)
          if (events.length === limit) return { events, after: event.number }
        }
        at = slice.after
        if (now() >= until) return { events, after: at }
      }
    },
    endOf(principal, task) {
      const number = reads.endNumberOf(SYSTEM, task)
      if (number === undefined) return undefined
      const [event] = reads.listEventsOf(SYSTEM, task, number - 1, 1).events
      return event && maySee(principal, event.seen) ? number : undefined
    },
    onNews(listener) {
      listeners.add(listener)
      stopLooking ??= startLooking()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        stopLooking?.()
        stopLooking = undefined
      }
    },
    async [Symbol.asyncDispose]() {
      listeners.clear()
      stopLooking?.()
      stopLooking = undefined
    },
  }
}

function show({ number, at, kind, work, attempt, site, seen }: NumberedEvent, state: TesState): FedEvent {
  return { number, at, kind, task: work, state, attempt, site, owner: { issuer: seen.issuer, subject: seen.subject } }
}
