/**
 * Turns to ask a login about tokens that nobody here knows. Whether one is wrong only the login can say, so an address that has used up its bucket of
 * wrong ones is not refused: its questions wait in a line, first come, first served, until the bucket fills or a question turns out right. Who would
 * wait too long is told so at once. Bounded: so many wait for an address, and so many in all. Crash: who waits has lost their connection anyway.
 */
import type { Admission } from '../../bus/rate-buckets.ts'
import { addressKey } from './client-address.ts'
import type { DoorLimits } from './door-limits.ts'

export type AskLimits = Pick<DoorLimits, 'spendToken' | 'returnToken'>

export interface AskTurns {
  /** Takes one from the bucket, at once or after a wait. Refused: nothing was taken. */
  take(address: string): Promise<Admission>
  /** The login knew the token, so whoever waits may go on. */
  giveBack(address: string): Promise<void>
}

export interface AskTurnsParts {
  readonly limits: AskLimits
  /** ms since 1970. */
  readonly now: () => number
  /** Default `PATIENCE_MS`. */
  readonly patienceMs?: number | undefined
}

interface Line {
  waiting: number
  /** When the last of them has their turn, or gives up. */
  tail: Promise<unknown>
  /** Lets the first of them try again. */
  wake: () => void
}

const PATIENCE_MS = 5_000
const MOST_OF_ADDRESS = 64
const MOST_IN_ALL = 1_000

export function createAskTurns({ limits, now, patienceMs = PATIENCE_MS }: AskTurnsParts): AskTurns {
  const lines = new Map<string, Line>()
  let waitingInAll = 0

  async function untilAdmitted(address: string, line: Line, until: number): Promise<Admission> {
    for (;;) {
      const admission = await limits.spendToken(address, true)
      if (admission.outcome === 'admitted' || now() >= until) return admission
      const { promise, resolve } = Promise.withResolvers<void>()
      line.wake = resolve
      const timer = setTimeout(resolve, Math.min(admission.waitMs, until - now()))
      await promise
      clearTimeout(timer)
    }
  }

  /** Behind all who wait already. */
  async function wait(address: string, key: string): Promise<Admission> {
    const line = lines.get(key) ?? { waiting: 0, tail: Promise.resolve(), wake: () => undefined }
    const until = now() + patienceMs
    lines.set(key, line)
    line.waiting += 1
    waitingInAll += 1
    const mine = line.tail.then(() => untilAdmitted(address, line, until))
    line.tail = mine.catch(() => undefined)
    try {
      return await mine
    } finally {
      waitingInAll -= 1
      line.waiting -= 1
      if (line.waiting === 0) lines.delete(key)
    }
  }

  return {
    async take(address) {
      const key = addressKey(address)
      const line = lines.get(key)
      if (line === undefined) {
        const admission = await limits.spendToken(address, false)
        if (admission.outcome === 'admitted') return admission
      }
      const ahead = lines.get(key)?.waiting ?? 0
      if (ahead >= MOST_OF_ADDRESS || waitingInAll >= MOST_IN_ALL) return { outcome: 'refused', waitMs: patienceMs }
      return wait(address, key)
    },
    async giveBack(address) {
      await limits.returnToken(address)
      lines.get(addressKey(address))?.wake()
    },
  }
}
