/**
 * How many bytes of request bodies may be under way at once: what is read before it can be judged lies in memory. What somebody announces counts for them
 * alone, so that they hear before they send; of all together counts what has come. Nobody gets more than half of what the others leave, so however many
 * hold all they can, there is something for whoever holds nothing. Pure counting; crash: nothing is under way any more.
 */
import type { PersonRef } from '../../stores/login-rows.ts'
import type { LimitsObserver } from './door-limits.ts'

export interface BodyBounds {
  /** Most bytes of one person at once. */
  readonly personBytes: number
  /** Most bytes in all. */
  readonly allBytes: number
}

/** What one request has taken. */
export interface BodyShare {
  /** So many will come. False: its person has no more, and nothing was taken. */
  announce(bytes: number): boolean
  /** So many have come. False: there is no more, and nothing was taken. */
  come(bytes: number): boolean
  /** Gives back all that was taken. */
  end(): void
}

export interface BodyBudget {
  open(person: PersonRef): BodyShare
}

/** Of one person. */
interface Taken {
  /** Announced, or come beyond that. */
  due: number
  come: number
}

export function createBodyBudget({ personBytes, allBytes }: BodyBounds, observer: LimitsObserver): BodyBudget {
  const byPerson = new Map<string, Taken>()
  let all = 0

  function refuse(): false {
    observer.limited('body', 'refused')
    return false
  }

  return {
    open({ issuer, subject }) {
      const key = JSON.stringify([issuer, subject])
      const own: Taken = { due: 0, come: 0 }
      const ofPerson = (): Taken => byPerson.get(key) ?? { due: 0, come: 0 }

      function take(due: number, come: number): true {
        const before = ofPerson()
        byPerson.set(key, { due: before.due + due, come: before.come + come })
        own.due += due
        own.come += come
        all += come
        return true
      }

      return {
        announce(bytes) {
          return ofPerson().due + bytes > personBytes ? refuse() : take(bytes, 0)
        },
        come(bytes) {
          const { due, come } = ofPerson()
          const beyond = Math.max(0, own.come + bytes - own.due)
          const others = all - come
          return due + beyond > personBytes || come + bytes > (allBytes - others) / 2 ? refuse() : take(beyond, bytes)
        },
        end() {
          take(-own.due, -own.come)
          if (ofPerson().due <= 0) byPerson.delete(key)
        },
      }
    },
  }
}

/** Open mode: whoever can connect can do worse on this machine. */
export const openBodyBudget: BodyBudget = { open: () => ({ announce: () => true, come: () => true, end: () => undefined }) }
