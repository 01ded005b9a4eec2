/**
 * Live logs from the sites' own APIs: one FULL read for each look, by the gateway that tracks the tasks too, behind everything else that it sends. Each
 * site has a budget for all who follow; tasks take turns.
 */
import type { SiteId, SiteTaskId } from '@portolan/federation'
import type { EventObserver } from '../events/observer.ts'
import { findCut } from '../observe/cut-text.ts'
import type { SiteGateway } from '../sites/gateway.ts'
import { type LiveAnswer, type LiveLogs, placeOf, type SeenLog, tailLog } from './live-logs.ts'

export interface LiveSite {
  readonly gateway: Pick<SiteGateway, 'readLog'>
  readonly perSecond: number
  /** False while single tasks are not asked about there, since the last requests have failed. */
  readonly may: () => boolean
}

const TURN_MS = 2_000
/** A read that has not ended by then is given up: the gateway has other things to do first. */
const READ_MS = 60_000
/** Tasks of a site whose logs are remembered, and for how long after the last look. */
const REMEMBERED = 256
const REMEMBERED_MS = 60_000
const TURN_LATE = 'Others follow tasks at this site too, and it is not asked more often; look again in a moment'
const NOT_ASKED = 'The site is not asked about single tasks now, since the last requests have failed'

interface Followed {
  linkHosts?: readonly string[] | undefined
  askedAt: number
  readAt: number
  seen?: SeenLog | undefined
  /** Why the last read has failed. */
  failure?: string | undefined
  /** While it is read, or waits for its turn. */
  begun?: PromiseWithResolvers<void> | undefined
  done?: PromiseWithResolvers<void> | undefined
}

/** `now`: ms since 1970. */
export function createSiteLogs(
  sites: ReadonlyMap<SiteId, LiveSite>,
  observer: Pick<EventObserver, 'liveRead'>,
  now: () => number,
): LiveLogs {
  const closing = new AbortController()
  const readers = new Map([...sites].map(([id, site]) => [id, createReader(id, site, observer, now, closing.signal)]))
  return {
    async read(site, task, signal, linkHosts = []) {
      const reader = readers.get(site)
      if (!reader) return { outcome: 'failed', detail: 'The site is none of this broker any more' }
      return await reader.read(task, signal, linkHosts)
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('The broker is closing'))
      for (const reader of readers.values()) reader.stop()
    },
  }
}

function createReader(
  id: SiteId,
  { gateway, perSecond, may }: LiveSite,
  observer: Pick<EventObserver, 'liveRead'>,
  now: () => number,
  closing: AbortSignal,
) {
  const everyMs = 1_000 / perSecond
  /** The first was not asked for longest. */
  const tasks = new Map<SiteTaskId, Followed>()
  const line = new Map<SiteTaskId, Followed>()
  let nextAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function followedOf(task: SiteTaskId): Followed {
    const at = now()
    const followed = tasks.get(task) ?? { askedAt: at, readAt: Number.NEGATIVE_INFINITY }
    followed.askedAt = at
    tasks.delete(task)
    tasks.set(task, followed)
    for (const [oldest, { askedAt }] of tasks) {
      if (tasks.size <= REMEMBERED && askedAt > at - REMEMBERED_MS) break
      tasks.delete(oldest)
    }
    return followed
  }

  async function readNow(task: SiteTaskId, followed: Followed): Promise<void> {
    const answer = await gateway.readLog(task, AbortSignal.any([closing, AbortSignal.timeout(READ_MS)]), followed.linkHosts)
    observer.liveRead(id, answer.outcome)
    const at = now()
    followed.readAt = at
    followed.failure =
      answer.outcome === 'found' ? undefined : answer.outcome === 'absent' ? 'The site knows no such task' : answer.failure.detail
    if (answer.outcome === 'found') followed.seen = { at, log: tailLog(answer.log ?? { logs: [] }, text => placeOf(text, findCut(text))) }
    followed.done?.resolve()
    followed.begun = undefined
    followed.done = undefined
  }

  /** Whoever has waited longest is read, as soon as the budget lets it. */
  function pump(): void {
    const [first] = line
    if (timer !== undefined || first === undefined || closing.aborted) return
    const waitMs = nextAt - now()
    if (waitMs > 0) {
      timer = setTimeout(() => {
        timer = undefined
        pump()
      }, waitMs)
      return
    }
    const [task, followed] = first
    line.delete(task)
    nextAt = now() + everyMs
    followed.begun?.resolve()
    void readNow(task, followed)
    pump()
  }

  function join(task: SiteTaskId, followed: Followed): void {
    if (followed.done) return
    followed.begun = Promise.withResolvers()
    followed.done = Promise.withResolvers()
    line.set(task, followed)
    pump()
  }

  const lastOf = ({ seen, failure }: Followed): LiveAnswer => {
    if (failure !== undefined) return { outcome: 'failed', detail: failure, last: seen }
    return seen ? { outcome: 'seen', ...seen } : { outcome: 'failed', detail: TURN_LATE }
  }

  return {
    async read(task: SiteTaskId, signal: AbortSignal, linkHosts: readonly string[]): Promise<LiveAnswer> {
      const followed = followedOf(task)
      followed.linkHosts = linkHosts
      if (!may()) return { outcome: 'failed', detail: NOT_ASKED, last: followed.seen }
      if (now() - followed.readAt < everyMs) return lastOf(followed)
      join(task, followed)
      const { begun, done } = followed
      if (line.has(task)) {
        // What is new is read behind their back: they come again.
        if (followed.seen) return lastOf(followed)
        if (!(await within(begun?.promise, TURN_MS, signal))) return lastOf(followed)
      }
      await within(done?.promise, undefined, signal)
      return lastOf(followed)
    },
    stop: () => clearTimeout(timer),
  }
}

/** False if it takes longer, or nobody waits any more. */
async function within(promise: Promise<void> | undefined, ms: number | undefined, signal: AbortSignal): Promise<boolean> {
  const bound = ms === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(ms)])
  if (bound.aborted) return false
  const late = Promise.withResolvers<false>()
  const end = (): void => late.resolve(false)
  bound.addEventListener('abort', end)
  try {
    return await Promise.race([promise?.then(() => true) ?? true, late.promise])
  } finally {
    bound.removeEventListener('abort', end)
  }
}
