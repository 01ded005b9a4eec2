/**
 * Turns for dear requests, such as a create with many thousand inputs: to judge and place one holds everybody up. So each person has one at a time, and
 * after it a rest as long as it took. What keeps the process busy without a break, such as parsing, or reading a slice of old events, is done one at a time
 * for all persons together, the persons in turn, with such rests, too: however many send such requests, half of the time is left to those who do not. Who
 * sends cheap requests never comes here.
 * Bounded: by what one may have under way. Crash: who waits has lost their connection anyway.
 */
import type { PersonRef } from '../../stores/login-rows.ts'

export interface DearTurns {
  /** Resolves when it is their turn, with what ends it. */
  take(person: PersonRef): Promise<() => void>
  /** Does what keeps the process busy, when it is their turn among the persons who wait and the rests are over. Rejects with what it throws. */
  act(person: PersonRef, work: () => void): Promise<void>
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
  /** What waits to be done, of each person in the order in which it came; whose turn is next stands first. */
  const waiting = new Map<string, (() => void)[]>()
  let isGoing = false
  let owedMs = 0

  async function restAfter(begun: Promise<number>, ended: Promise<void>): Promise<void> {
    const at = await begun
    await ended
    await pause(Math.min(LONGEST_REST_MS, now() - at))
  }

  /** One of each person, then one of each again. */
  async function actInTurn(): Promise<void> {
    for (const [key, works] of waiting) {
      const work = works.shift()
      waiting.delete(key)
      if (works.length > 0) waiting.set(key, works)
      const at = now()
      work?.()
      owedMs += now() - at
      await rest()
    }
    isGoing = false
  }

  async function rest(): Promise<void> {
    if (owedMs < LEAST_REST_MS) return
    const ms = owedMs
    owedMs = 0
    await pause(ms)
  }

  return {
    take(person) {
      const key = keyOf(person)
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
    act(person, work) {
      const key = keyOf(person)
      const done = new Promise<void>((resolve, reject) => {
        const works = waiting.get(key) ?? []
        works.push(() => {
          try {
            resolve(work())
          } catch (error) {
            reject(error)
          }
        })
        waiting.set(key, works)
      })
      if (!isGoing) {
        isGoing = true
        void actInTurn()
      }
      return done
    },
  }
}

function keyOf({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms)
  })
}
