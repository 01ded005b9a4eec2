/**
 * A loop that works when it is woken, when a moment it named has come, and at the latest after `maxIdleMs`.
 * Rounds never overlap. A round that throws is reported and tried again after a second, whoever wakes it.
 */
export interface WakeLoop {
  wake(): void
  /** Ends the loop after the round in progress. */
  stop(): Promise<void>
}

export interface WakeLoopOptions {
  /** Does one round and says when the next is due at the latest (ms since 1970). */
  readonly round: (signal: AbortSignal) => Promise<number>
  readonly now: () => number
  readonly maxIdleMs: number
  /** How far apart this round and the next are at least, so that many wake-ups become one round. */
  readonly minGapMs: () => number
  readonly onError: (error: unknown) => void
}

const AFTER_ERROR_MS = 1_000

export function startWakeLoop(options: WakeLoopOptions): WakeLoop {
  const { round, now, maxIdleMs, minGapMs, onError } = options
  const ending = new AbortController()
  let woken = true
  let rouse: (() => void) | undefined

  const sleep = (ms: number, untilWoken: boolean): Promise<void> =>
    new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        ending.signal.removeEventListener('abort', done)
        rouse = undefined
        resolve()
      }
      const timer = setTimeout(done, ms)
      ending.signal.addEventListener('abort', done)
      if (untilWoken) rouse = done
      if (ending.signal.aborted) done()
    })

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      woken = false
      let nextAt = now()
      try {
        nextAt = await round(ending.signal)
      } catch (error) {
        if (!ending.signal.aborted) onError(error)
        await sleep(AFTER_ERROR_MS, false)
      }
      await sleep(minGapMs(), false)
      const idleMs = Math.min(maxIdleMs, Math.max(0, nextAt - now()))
      if (!woken && idleMs > 0) await sleep(idleMs, true)
    }
  }

  const running = run()
  return {
    wake() {
      woken = true
      rouse?.()
    },
    async stop() {
      ending.abort()
      await running
    },
  }
}
