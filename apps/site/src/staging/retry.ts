/**
 * Tries again what may pass by itself, a bounded number of times.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { StagingFailed } from './staging-failed.ts'

const TRIES = 4
const PAUSE_MS = 250

/** Calls `act` until it succeeds, fails for good, or was tried four times. The pause doubles each time. */
export async function retry<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof StagingFailed) || !error.passing || tried === TRIES || signal.aborted) throw error
    }
    await delay(PAUSE_MS * 2 ** (tried - 1), undefined, { signal })
  }
}
