/**
 * What the signals to end mean. The first SIGTERM or SIGINT ends the broker in good order. SIGTERM again changes nothing: what runs services sends
 * it again while it waits. SIGINT again is a person who will not wait. A package manager hands on the SIGINT that the terminal has sent to the
 * broker as well, so those that follow the first closely are the same press.
 */
import type { EventEmitter } from 'node:events'

const SAME_PRESS_MS = 1_000

export interface EndSignalOptions {
  /** Emits `SIGTERM` and `SIGINT`, as the process does. */
  readonly signals: EventEmitter
  /** ms from any fixed moment. */
  readonly now: () => number
  /** Ends the process without waiting for anything. */
  readonly endAtOnce: () => void
}

/** Resolves at the first signal. */
export function hearEndSignals({ signals, now, endAtOnce }: EndSignalOptions): Promise<void> {
  return new Promise(resolve => {
    let firstAt: number | undefined
    const hear = (): number => {
      firstAt ??= now()
      resolve()
      return now() - firstAt
    }
    signals.on('SIGTERM', hear)
    signals.on('SIGINT', () => {
      if (hear() > SAME_PRESS_MS) endAtOnce()
    })
  })
}
