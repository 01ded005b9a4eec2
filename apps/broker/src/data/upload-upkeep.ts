/**
 * Gives up uploads whose time is over: at the store of their location first, where their parts cost somebody space, then here. What cannot be ended now,
 * because its store does not answer, is tried again in the next round. Two who do it at the same time do no harm.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { SYSTEM } from '../auth/principal.ts'
import type { UploadPlace, UploadStore } from '../stores/upload-store.ts'
import type { Uploads } from './uploads.ts'

export interface UploadUpkeepParts {
  readonly store: Pick<UploadStore, 'listExpiredUploads'>
  readonly uploads: Pick<Uploads, 'end'>
  /** ms since 1970. */
  readonly now: () => number
}

const EVERY_MS = 10 * 60_000
const A_PAGE = 100

/** One round over all that have expired. Answers how many were ended, and how many could not be. */
export async function endExpired(
  { store, uploads, now }: UploadUpkeepParts,
  signal: AbortSignal,
): Promise<{ readonly ended: number; readonly left: number }> {
  const at = now()
  let ended = 0
  let left = 0
  for (let after: UploadPlace | undefined; !signal.aborted; ) {
    const page = store.listExpiredUploads(SYSTEM, at, A_PAGE, after)
    for (const upload of page) {
      const { outcome } = await uploads.end(SYSTEM, upload, 'expired', signal)
      if (outcome === 'done') ended += 1
      else left += 1
    }
    after = page.at(-1)
    if (page.length < A_PAGE) break
  }
  return { ended, left }
}

/** Runs rounds until it is disposed. One that fails is told once, and tried again. */
export function keepUploads(parts: UploadUpkeepParts, log: Pick<Logger, 'warn'>): AsyncDisposable {
  const stop = new AbortController()
  const { signal } = stop
  let failing = false

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await endExpired(parts, signal)
        failing = false
      } catch (err) {
        if (!failing) log.warn({ err }, 'uploads whose time is over cannot be ended')
        failing = true
      }
      await pause(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}
