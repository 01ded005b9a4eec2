/**
 * So many relays at once: each holds a connection to a store and one to a person. Nobody gets more than half of the places that the others leave, so one
 * person alone never takes them all. Who comes when there is none for them waits; what is given back goes to who holds fewest, first come, first served.
 */
import type { PersonRef } from '../stores/login-rows.ts'

export interface RelayPlaces {
  /** Answers how to give the place back, once; undefined if none was free in time, they wait for too many already, or the signal came first. */
  take(person: PersonRef, waitMs: number, signal: AbortSignal): Promise<(() => void) | undefined>
}

/** Each holds a connection while it waits. */
const MOST_WAITING = 32

interface Waiting {
  readonly person: string
  readonly enter: () => void
}

/** `share`: the part of what the others leave that one person may have; 1 in open mode, where there is one person. */
export function createRelayPlaces(atOnce: number, share = 0.5): RelayPlaces {
  const waiting: Waiting[] = []
  const held = new Map<string, number>()
  let taken = 0

  const heldBy = (person: string): number => held.get(person) ?? 0

  function mayEnter(person: string): boolean {
    const own = heldBy(person)
    return taken < atOnce && (own === 0 || own + 1 <= (atOnce - (taken - own)) * share)
  }

  function enter(person: string): () => void {
    held.set(person, heldBy(person) + 1)
    taken += 1
    let given = false
    return () => {
      if (given) return
      given = true
      leave(person)
      callNext()
    }
  }

  function leave(person: string): void {
    const left = heldBy(person) - 1
    if (left > 0) held.set(person, left)
    else held.delete(person)
    taken -= 1
  }

  /** Whoever holds fewest, and of these who has waited longest; as long as there is a place for somebody. */
  function callNext(): void {
    for (;;) {
      const able = waiting.filter(({ person }) => mayEnter(person))
      const [first, ...others] = able
      if (first === undefined) return
      const next = others.reduce((best, one) => (heldBy(one.person) < heldBy(best.person) ? one : best), first)
      waiting.splice(waiting.indexOf(next), 1)
      next.enter()
    }
  }

  return {
    take({ issuer, subject }, waitMs, signal) {
      const person = JSON.stringify([issuer, subject])
      if (signal.aborted) return Promise.resolve(undefined)
      if (mayEnter(person)) return Promise.resolve(enter(person))
      if (waiting.filter(one => one.person === person).length >= MOST_WAITING) return Promise.resolve(undefined)
      return new Promise(resolve => {
        const end = (place: (() => void) | undefined): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', goAway)
          resolve(place)
        }
        const one: Waiting = { person, enter: () => end(enter(person)) }
        const goAway = (): void => {
          waiting.splice(waiting.indexOf(one), 1)
          end(undefined)
        }
        const timer = setTimeout(goAway, waitMs)
        signal.addEventListener('abort', goAway)
        waiting.push(one)
      })
    },
  }
}
