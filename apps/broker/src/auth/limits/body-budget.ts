/**
 * How many bytes of request bodies may be under way at once: what is read before it can be judged lies in memory. What somebody announces counts for them
 * alone, so that they hear before they send; of all together counts what has come. Nobody gets more than half of what the others leave, but for a part
 * that is kept: of that, who holds no more may have a little, however many hold all they can. Pure counting; crash: nothing is under way any more.
 */
import type { PersonRef } from '../../stores/login-rows.ts'
import type { LimitsObserver } from './door-limits.ts'

export interface BodyBounds {
  /** Most bytes of one person at once. */
  readonly personBytes: number
  /** Most bytes in all. */
  readonly allBytes: number
  /** Of those, what is kept for persons who hold no more than a sixteenth of it. */
  readonly keptBytes: number
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

/** So many at least find something of what is kept. */
const KEPT_SHARES = 16

export function createBodyBudget({ personBytes, allBytes, keptBytes }: BodyBounds, observer: LimitsObserver): BodyBudget {
  const littleBytes = keptBytes / KEPT_SHARES
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
          const half = (allBytes - keptBytes - others) / 2
          const little = Math.min(littleBytes, allBytes - others)
          return due + beyond > personBytes || come + bytes > Math.max(half, little) ? refuse() : take(beyond, bytes)
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
