/**
 * What the signals to end mean. The first SIGTERM, SIGHUP or SIGINT ends the broker in good order. SIGTERM and SIGHUP again change nothing: what
 * runs services sends them again while it waits. A second SIGINT is a person who will not wait. The first one after a SIGTERM is not: it is
 * answered with a word on what another one does. A package manager hands on the SIGINT that the terminal has sent to the broker as well, so those
 * that follow closely are the same press.
 */
import type { EventEmitter } from 'node:events'

const SAME_PRESS_MS = 1_000

export interface EndSignalOptions {
  /** Emits `SIGTERM`, `SIGHUP` and `SIGINT`, as the process does. */
  readonly signals: EventEmitter
  /** ms from any fixed moment. */
  readonly now: () => number
  /** It ends already, and somebody has pressed Ctrl-C for the first time. */
  readonly warn: () => void
  /** Ends the process without waiting for anything. */
  readonly endAtOnce: () => void
}

/** Resolves at the first signal. */
export function hearEndSignals({ signals, now, warn, endAtOnce }: EndSignalOptions): Promise<void> {
  return new Promise(resolve => {
    let isEnding = false
    let pressedAt: number | undefined
    const end = (): void => {
      isEnding = true
      resolve()
    }
    signals.on('SIGTERM', end)
    signals.on('SIGHUP', end)
    signals.on('SIGINT', () => {
      if (pressedAt === undefined) {
        pressedAt = now()
        if (isEnding) warn()
        end()
      } else if (now() - pressedAt > SAME_PRESS_MS) endAtOnce()
    })
  })
}
