/**
 * The event feed over the store's table of events. All read the same slices, whatever number they go on after, so each is read once for all of them, and
 * who may see what is decided event by event. Who is far behind waits for a turn with each slice, the persons in turn, with rests; who follows what
 * happens now does not. In memory are some slices and what is known of the tasks in them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WorkId } from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import { createDearTurns, type DearTurns } from '../auth/limits/dear-turns.ts'
import { type Principal, SYSTEM } from '../auth/principal.ts'
import type { Bus } from '../bus/bus.ts'
import type { EventReads, NumberedEvent } from '../stores/event-reads.ts'
import { maySee, type Seen } from '../stores/visibility.ts'
import type { EventFeed, FedEvent } from './event-feed.ts'

/** Numbers of events in a slice, and so many are looked at in one step. Who is less behind waits for no turn. */
const SLICE = 1_000
/** Those that were used last. */
const SLICES_KEPT = 32
const BUDGET_MS = 200
/** So many who follow are told before requests get their turn. */
const TOLD_A_TURN = 32
/** The bus may lose any message. */
const LOOK_EVERY_MS = 1_000

/** A task as it was last read: whichever slice an event stands in, its state is never older than what was told before. */
interface KnownTask {
  readonly seen: Seen
  state: TesState
  /** Its events in the slices that are kept; without any it is forgotten. */
  kept: number
}

/** `shown`: as it was told last, one object for all who follow. */
interface KeptEvent {
  readonly event: NumberedEvent
  readonly task: KnownTask
  shown?: FedEvent | undefined
}

/** The numbers behind a multiple of `SLICE`; the newest one grows. */
interface Slice {
  readonly events: KeptEvent[]
  readonly last: number
  /** Read up to here. */
  after: number
}

/** `now`: ms since 1970. `turns`: of those who are far behind. */
export function createStoreFeed(
  reads: EventReads,
  bus: Pick<Bus, 'subscribe'>,
  now: () => number,
  turns: Pick<DearTurns, 'act'> = createDearTurns(),
): EventFeed {
  const slices = new Map<number, Slice>()
  const tasks = new Map<WorkId, KnownTask>()
  const listeners = new Set<() => void>()
  let told = 0
  let stopLooking: (() => void) | undefined

  const end = (): number => reads.lastEventNumber(SYSTEM)

  function keep(event: NumberedEvent): KeptEvent {
    const task = tasks.get(event.work) ?? { seen: event.seen, state: event.state, kept: 0 }
    task.state = event.state
    task.kept += 1
    tasks.set(event.work, task)
    return { event, task }
  }

  function forgetOldest(): void {
    const [oldest] = slices
    if (slices.size <= SLICES_KEPT || oldest === undefined) return
    slices.delete(oldest[0])
    for (const { event, task } of oldest[1].events) {
      task.kept -= 1
      if (task.kept === 0) tasks.delete(event.work)
    }
  }

  /** What is read once is not read again: of the newest slice, what has come since. */
  function sliceAt(after: number, newest: number): Slice {
    const first = after - (after % SLICE)
    const slice = slices.get(first) ?? { events: [], last: first + SLICE, after: first }
    slices.delete(first)
    slices.set(first, slice)
    forgetOldest()
    if (slice.after >= Math.min(newest, slice.last)) return slice
    const { events, after: read } = reads.listEvents(SYSTEM, slice.after, slice.last - slice.after)
    slice.events.push(...events.filter(({ number }) => number <= slice.last).map(keep))
    slice.after = Math.min(slice.last, Math.max(read, newest))
    return slice
  }

  /** What of the next slice may be seen is added, up to `limit`. Answers the last number that was looked at. */
  function readSlice(asked: Asked, at: number, newest: number, found: FedEvent[]): number {
    const { principal, task, limit } = asked
    const slice = sliceAt(at, newest)
    for (let index = firstBehind(slice.events, at); index < slice.events.length; index++) {
      const kept = slice.events[index]
      if (kept === undefined || (task !== undefined && kept.event.work !== task)) continue
      if (!maySee(principal, kept.task.seen)) continue
      if (kept.shown?.state !== kept.task.state) kept.shown = show(kept.event, kept.task.state)
      found.push(kept.shown)
      if (found.length === limit) return kept.event.number
    }
    return slice.after
  }

  function refresh({ work, state }: NumberedEvent): void {
    const task = tasks.get(work)
    if (task) task.state = state
  }

  /** By the index of the task, past everything that is about others. */
  function readOne(principal: Principal, task: WorkId, after: number, limit: number, newest: number) {
    const { events } = reads.listEventsOf(SYSTEM, task, after, limit)
    for (const event of events) refresh(event)
    const shown = events.filter(({ seen }) => maySee(principal, seen)).map(event => show(event, event.state))
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
      const asked = { principal, task, limit }
      let at = Math.min(after, newest)
      while (at < newest) {
        const step = (): void => {
          at = readSlice(asked, at, newest, events)
        }
        if (newest - at > SLICE) await turns.act(principal, step)
        else step()
        if (events.length === limit || now() >= until) break
      }
      return { events, after: at }
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

interface Asked {
  readonly principal: Principal
  readonly task: WorkId | undefined
  readonly limit: number
}

/** The place of the first event behind a number. */
function firstBehind(events: readonly KeptEvent[], after: number): number {
  let [low, high] = [0, events.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle]?.event.number ?? 0) > after) high = middle
    else low = middle + 1
  }
  return low
}

function show({ number, at, kind, work, attempt, site, seen }: NumberedEvent, state: TesState): FedEvent {
  return { number, at, kind, task: work, state, attempt, site, owner: { issuer: seen.issuer, subject: seen.subject } }
}
