/**
 * Gives up uploads whose time is over: at the store of their location first, where their parts cost somebody space, then here. What cannot be ended now,
 * because its store does not answer, is tried again in the next round, and a store that is silent costs the uploads at others nothing. What has ended
 * is forgotten after a while. Two who do it at the same time do no harm.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { LocationId } from '@portolan/federation'
import type { Logger } from 'pino'
import { SYSTEM } from '../auth/principal.ts'
import type { UploadPlace, UploadRow, UploadStore } from '../stores/upload-store.ts'
import type { StoreFailure } from './object-store.ts'
import type { Uploads } from './uploads.ts'

export interface UploadUpkeepParts {
  readonly store: Pick<UploadStore, 'listExpiredUploads' | 'execute'>
  readonly uploads: Pick<Uploads, 'end'>
  /** ms since 1970. */
  readonly now: () => number
}

const EVERY_MS = 10 * 60_000
const A_PAGE = 100
/** In a row; then its location is left in peace for this round. */
const MOST_SILENCES = 3
const SILENT: readonly StoreFailure['kind'][] = ['unreachable', 'timeout']
/** Until then its owner may complete it once more, who did not hear the answer. */
const KEPT_MS = 7 * 24 * 3_600_000
/** Rows a step, so that nobody waits behind a long one. */
const STEP_ROWS = 500

/** One round over all that have expired. Answers how many were ended, and how many could not be. */
export async function endExpired(
  { store, uploads, now }: UploadUpkeepParts,
  signal: AbortSignal,
): Promise<{ readonly ended: number; readonly left: number }> {
  const at = now()
  const silences = new Map<LocationId, number>()
  let ended = 0
  let left = 0

  async function end(upload: UploadRow): Promise<boolean> {
    const { location } = upload
    const before = silences.get(location) ?? 0
    if (before >= MOST_SILENCES) return false
    const answer = await uploads.end(SYSTEM, upload, 'expired', signal)
    const isSilent = answer.outcome === 'failed' && SILENT.includes(answer.failure.kind)
    silences.set(location, isSilent ? before + 1 : 0)
    return answer.outcome === 'done'
  }

  for (let after: UploadPlace | undefined; !signal.aborted; ) {
    const page = store.listExpiredUploads(SYSTEM, at, A_PAGE, after)
    for (const upload of page) {
      if (await end(upload)) ended += 1
      else left += 1
    }
    after = page.at(-1)
    if (page.length < A_PAGE) break
  }
  return { ended, left }
}

/** Forgets what ended long ago; its events stay. */
export async function forgetEnded({ store, now }: Pick<UploadUpkeepParts, 'store' | 'now'>, signal: AbortSignal): Promise<void> {
  const until = now() - KEPT_MS
  for (let deleted = STEP_ROWS; deleted === STEP_ROWS && !signal.aborted; ) {
    deleted = (await store.execute({ kind: 'sweepUploads', principal: SYSTEM, until, limit: STEP_ROWS })).deleted
  }
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
        await forgetEnded(parts, signal)
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
