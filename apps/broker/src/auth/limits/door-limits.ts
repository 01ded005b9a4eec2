/**
 * The port of the limits at the door: how often a person and an address may create, log in and be wrong, and how fast they may poll. It decides and
 * counts; who asks it refuses with 429 or answers later.
 *
 * Crash: all buckets are full again. Two callers: each token is taken once. Bounded: see `bus/rate-buckets.ts`.
 */
import type { Admission, RateBuckets } from '../../bus/rate-buckets.ts'
import type { PersonRef } from '../../stores/login-rows.ts'
import { type Asking, bucketsOf, type DoorAct, type DoorRules, type RateAct } from './door-rules.ts'

/** `address`: that of the client, as the exchange of a request has it. */
export interface DoorLimits {
  /** A task or a token is to be made, or a task to be placed for trial. `count`: what it costs. */
  spendCreate(person: PersonRef, address: string, count?: number): Admission | Promise<Admission>
  /** A login is begun, at a page or for a device. */
  spendLogin(address: string): Admission | Promise<Admission>
  /** A login is refreshed. Whose it is, is known, so what others begin behind the same address counts for nothing. */
  spendRefresh(person: PersonRef): Admission | Promise<Admission>
  /** A login is to be asked about a token that nobody here knows. `again`: who asks has waited since they were refused. */
  spendToken(address: string, again: boolean): Admission | Promise<Admission>
  /** The login knows the token, so the question does not count. */
  returnToken(address: string): void | Promise<void>
  /** Somebody has typed a user code. Goes before it is looked up: beyond the limit nothing is, so it cannot be found by trying. */
  spendCode(address: string, person?: PersonRef): Admission | Promise<Admission>
  /** The user code was right, so its try does not count. */
  returnCode(address: string, person?: PersonRef): void | Promise<void>
  /**
   * A credential is wrong: nobody has ever given it out. Beyond the limit the answer is 429, whatever it would have been. Goes after it was judged: a
   * good one counts, whoever guesses behind the same address.
   */
  spendFailure(address: string): Admission | Promise<Admission>
  /** How many ms late to answer a poll; it is never refused. */
  slowPoll(person: PersonRef, address: string): number | Promise<number>
}

/** Who is told of what a limit does. */
export interface LimitsObserver {
  limited(act: DoorAct, outcome: 'refused' | 'slowed'): void
}

export interface DoorLimitsParts {
  readonly buckets: RateBuckets
  readonly rules: DoorRules
  readonly observer: LimitsObserver
  /** ms since 1970. */
  readonly now: () => number
}

export function createDoorLimits({ buckets, rules, observer, now }: DoorLimitsParts): DoorLimits {
  const take = (act: RateAct, asking: Asking, count?: number) => buckets.take(bucketsOf(act, asking, rules), now(), count)
  function spend(act: RateAct, asking: Asking, count?: number): Admission | Promise<Admission> {
    return tell(take(act, asking, count), ({ outcome }) => {
      if (outcome === 'refused') observer.limited(act, outcome)
    })
  }
  const giveBack = (act: RateAct, asking: Asking) => buckets.giveBack(bucketsOf(act, asking, rules), now())

  return {
    spendCreate: (person, address, count) => spend('create', { address, person }, count),
    spendLogin: address => spend('login', { address }),
    spendRefresh: person => spend('login', { person }),
    spendToken: (address, again) =>
      tell(take('token', { address }), ({ outcome }) => {
        if (outcome === 'refused' && !again) observer.limited('token', 'slowed')
      }),
    returnToken: address => giveBack('token', { address }),
    spendCode: (address, person) => spend('code', { address, person }),
    returnCode: (address, person) => giveBack('code', { address, person }),
    spendFailure: address => spend('failure', { address }),
    slowPoll: (person, address) =>
      tell(buckets.takeLate(bucketsOf('poll', { address, person }, rules), now()), delayMs => {
        if (delayMs > 0) observer.limited('poll', 'slowed')
      }),
  }
}

/** The answer as it came, at once or later; `hear` hears of it first. */
function tell<Answer>(answer: Answer | Promise<Answer>, hear: (answer: Answer) => void): Answer | Promise<Answer> {
  if (answer instanceof Promise) return answer.then(later => tell(later, hear))
  hear(answer)
  return answer
}

const ADMITTED: Admission = { outcome: 'admitted' }

/** Open mode: whoever can connect is the one person, and can do worse on this machine than ask often. */
export const openDoorLimits: DoorLimits = {
  spendCreate: () => ADMITTED,
  spendLogin: () => ADMITTED,
  spendRefresh: () => ADMITTED,
  spendToken: () => ADMITTED,
  returnToken: () => undefined,
  spendCode: () => ADMITTED,
  returnCode: () => undefined,
  spendFailure: () => ADMITTED,
  slowPoll: () => 0,
}
