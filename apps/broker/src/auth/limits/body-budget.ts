/**
 * How many bytes of request bodies may be under way at once, of a person and in all: what is read before it can be judged lies in memory. What may
 * come is decided by what is announced, before it is read. Pure counting; crash: nothing is under way any more.
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
  /** Takes more. False: there is no more, and nothing was taken. */
  add(bytes: number): boolean
  /** Gives back all that was taken. */
  end(): void
}

export interface BodyBudget {
  open(person: PersonRef): BodyShare
}

export function createBodyBudget({ personBytes, allBytes }: BodyBounds, observer: LimitsObserver): BodyBudget {
  const byPerson = new Map<string, number>()
  let all = 0
  return {
    open({ issuer, subject }) {
      const key = JSON.stringify([issuer, subject])
      let taken = 0
      return {
        add(bytes) {
          const own = byPerson.get(key) ?? 0
          if (own + bytes > personBytes || all + bytes > allBytes) {
            observer.limited('body', 'refused')
            return false
          }
          byPerson.set(key, own + bytes)
          all += bytes
          taken += bytes
          return true
        },
        end() {
          const left = (byPerson.get(key) ?? 0) - taken
          if (left > 0) byPerson.set(key, left)
          else byPerson.delete(key)
          all -= taken
          taken = 0
        },
      }
    },
  }
}

/** Open mode: whoever can connect can do worse on this machine. */
export const openBodyBudget: BodyBudget = { open: () => ({ add: () => true, end: () => undefined }) }
