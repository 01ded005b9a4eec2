/**
 * Turns for dear requests, such as a create with many thousand inputs: to judge and place one holds everybody up. So each person has one at a time, and
 * after it a rest as long as it took. What keeps the process busy without a break, such as parsing, is done one at a time for all persons together, with
 * such rests, too: however many send such requests, half of the time is left to those who do not. Who sends cheap requests never comes here.
 * Bounded: by the bytes of bodies that one may have under way. Crash: who waits has lost their connection anyway.
 */
import type { PersonRef } from '../../stores/login-rows.ts'

export interface DearTurns {
  /** Resolves when it is their turn, with what ends it. */
  take(person: PersonRef): Promise<() => void>
  /** Does what keeps the process busy, when those who came before and their rests are over. Rejects with what it throws. */
  act(work: () => void): Promise<void>
}

interface Line {
  waiting: number
  /** When the last one has ended and rested. */
  tail: Promise<void>
}

const LONGEST_REST_MS = 1_000
/** Rests that are shorter are taken together. */
const LEAST_REST_MS = 5

/** `now`: ms. */
export function createDearTurns(now: () => number = performance.now.bind(performance)): DearTurns {
  const lines = new Map<string, Line>()
  /** When whatever has come before has been done and rested from. */
  let quiet = Promise.resolve()
  let owedMs = 0

  async function restAfter(begun: Promise<number>, ended: Promise<void>): Promise<void> {
    const at = await begun
    await ended
    await pause(Math.min(LONGEST_REST_MS, now() - at))
  }

  function actNow(work: () => void): void {
    const at = now()
    try {
      work()
    } finally {
      owedMs += now() - at
    }
  }

  async function rest(): Promise<void> {
    if (owedMs < LEAST_REST_MS) return
    const ms = owedMs
    owedMs = 0
    await pause(ms)
  }

  return {
    take({ issuer, subject }) {
      const key = JSON.stringify([issuer, subject])
      const line = lines.get(key) ?? { waiting: 0, tail: Promise.resolve() }
      lines.set(key, line)
      line.waiting += 1
      const { promise: ended, resolve: end } = Promise.withResolvers<void>()
      const begun = line.tail.then(now)
      line.tail = restAfter(begun, ended).then(() => {
        line.waiting -= 1
        if (line.waiting === 0) lines.delete(key)
      })
      return begun.then(() => end)
    },
    act(work) {
      const done = quiet.then(() => actNow(work))
      quiet = done.then(rest, rest)
      return done
    },
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms)
  })
}
