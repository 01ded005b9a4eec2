/**
 * The window of a site: how many tasks of ours may be there that do not run yet. What does not fit stays with the broker, where it can still
 * be placed elsewhere. It grows with every start and is halved when the site shows that it has enough. All values are integers.
 */
import type { Site } from './site.ts'

export const WINDOW_START = 5
/** For a site from which nothing has been heard yet. */
export const WINDOW_START_UNKNOWN = 2
const WINDOW_CAP_MIN = 20

/** The window at first. */
export function startWindow(known: boolean, limits: Site['limits']): number {
  return bound(known ? WINDOW_START : WINDOW_START_UNKNOWN, 0, limits)
}

/** After `starts` tasks began to run, so that `running` do now. */
export function growWindow(window: number, starts: number, running: number, limits: Site['limits']): number {
  return bound(window + Math.max(0, starts), running, limits)
}

/** After a 429, a 503, a time-out, or when the oldest queued task waits too long. */
export function shrinkWindow(window: number, limits: Site['limits']): number {
  return bound(Math.floor(window / 2), 0, limits)
}

/** True if the oldest waiting task has waited for more than twice the usual time. Both in ms; nothing is usual at 0. */
export function waitsTooLong(oldestWaitMs: number, usualWaitMs: number): boolean {
  return usualWaitMs > 0 && oldestWaitMs > 2 * usualWaitMs
}

/** At least 1, so that a site can prove itself; at most twice what runs there (20 for small numbers), and never above its own limit. */
function bound(window: number, running: number, limits: Site['limits']): number {
  return Math.max(1, Math.min(window, Math.max(WINDOW_CAP_MIN, 2 * running), limits.maxIdleTasks))
}
