/**
 * When to kill: blindly, just after the start, or while a site holds back the answer to a create.
 */
import { watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from './random.ts'
import type { FaultSite } from './world.ts'

/** How long an aimed kill waits for a submission. */
const WAIT_MAX_MS = 8_000
/** How long after a site has stored a task an aimed kill comes: well within the time that most answers are held. */
const LATE_MAX_MS = 200

export type Aim = 'early' | 'blind' | 'aimed'

export interface SubmissionWatch extends Disposable {
  /** Resolves with the next task that any site stores, or after the time. */
  next(timeoutMs: number): Promise<void>
}

/** A site makes a folder for each task as it stores it, before it holds the answer back. */
export function watchSubmissions(sites: readonly FaultSite[]): SubmissionWatch {
  let stored = Promise.withResolvers<void>()
  const watchers = sites.map(({ tasksFolder }) =>
    watch(tasksFolder, () => {
      stored.resolve()
      stored = Promise.withResolvers<void>()
    }),
  )
  return {
    async next(timeoutMs) {
      const late = new AbortController()
      await Promise.race([stored.promise, delay(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined)])
      late.abort()
    },
    [Symbol.dispose]() {
      for (const watcher of watchers) watcher.close()
    },
  }
}

export function chooseAim(random: Random): Aim {
  const dice = random.between(1, 10)
  if (dice === 1) return 'early'
  return dice <= 3 ? 'blind' : 'aimed'
}

/** Resolves at the moment to kill a broker that has just started. */
export async function waitForMoment(aim: Aim, random: Random, submissions: SubmissionWatch): Promise<void> {
  switch (aim) {
    case 'early':
      return delay(random.between(0, 400))
    case 'blind':
      return delay(random.between(500, 4_000))
    case 'aimed':
      await delay(random.between(500, 2_500))
      await submissions.next(WAIT_MAX_MS)
      return delay(random.between(0, LATE_MAX_MS))
  }
}
