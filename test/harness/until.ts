/**
 * Waits for something that a real server brings about, with a deadline instead of a sleep.
 */
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 25

/** Looks until `probe` answers something other than undefined or false. Rejects after `timeoutMs` with what was waited for. */
export async function until<T>(
  says: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 55_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${says}`)
    await pause(LOOK_EVERY_MS)
  }
}
