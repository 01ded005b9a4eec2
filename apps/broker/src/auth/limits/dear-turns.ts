/**
 * Turns for dear requests, such as a create with many thousand inputs: to judge and place one holds everybody up. So each person has one at a time, and
 * after it a rest as long as it took: whatever somebody sends, half of the time is left to the others. Who sends cheap requests never comes here.
 * Bounded: by the bytes of bodies that one may have under way. Crash: who waits has lost their connection anyway.
 */
import type { PersonRef } from '../../stores/login-rows.ts'

export interface DearTurns {
  /** Resolves when it is their turn, with what ends it. */
  take(person: PersonRef): Promise<() => void>
}

interface Line {
  waiting: number
  /** When the last one has ended and rested. */
  tail: Promise<void>
}

const LONGEST_REST_MS = 1_000

/** `now`: ms. */
export function createDearTurns(now: () => number = performance.now.bind(performance)): DearTurns {
  const lines = new Map<string, Line>()

  async function restAfter(begun: Promise<number>, ended: Promise<void>): Promise<void> {
    const at = await begun
    await ended
    const { promise: rested, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, Math.min(LONGEST_REST_MS, now() - at))
    await rested
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
  }
}
