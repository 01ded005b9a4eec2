/**
 * The door: the one place that decides whether who asks may call an operation, and how often. What an operation needs says the contract (`x-scope`,
 * `x-limit`); a route of an operation that no contract has cannot be built. It runs before anything of a request but its headers is read, for every
 * poll: what it needs is found out once for each route, and a credential that is known is answered at once.
 */
import type { IncomingMessage } from 'node:http'
import type { Guard } from '@portolan/tes/server'
import type { Authentication, Authenticator, Refused, Unavailable } from '../auth/authenticate.ts'
import type { DoorLimits } from '../auth/limits/door-limits.ts'
import type { Principal, Scope } from '../auth/principal.ts'
import { StoreUnavailable } from '../stores/store.ts'
import type { AdminAudit } from './admin-audit.ts'
import { admit } from './admit.ts'
import type { NeededScope } from './contracts.ts'
import { type Exchange, exchangeOf, principalOf } from './exchange.ts'
import { describeFailure } from './fail.ts'
import { createHoldBack } from './hold-back.ts'
import { Refusal } from './refusal.ts'
import { missCredential, refuseCredential } from './refuse-credential.ts'

export interface Door {
  /** Goes first on the routes of the operation. Throws if no contract has it. */
  readonly guard: (operation: string) => Guard
  /** For what costs as much as so many creates beside the one that the door has counted. Throws 429. */
  readonly spend: (request: IncomingMessage, count: number) => Promise<void> | undefined
  /** For answers that go on: who asks, as their credential says now; undefined once it would not be let in any more. Takes from no limit. */
  readonly judgeAgain: (request: IncomingMessage) => Promise<Principal | undefined>
}

export interface DoorParts {
  readonly authenticator: Authenticator
  readonly limits: DoorLimits
  readonly scopes: ReadonlyMap<string, NeededScope>
  /** The operations that make something, or cost as much. */
  readonly creates: ReadonlySet<string>
  /** Hears of everybody who is let in, and may keep them waiting. */
  readonly audit: AdminAudit
}

export function createDoor({ authenticator, limits, scopes, creates, audit }: DoorParts): Door {
  const holdBack = createHoldBack()

  /** Notes who asks, and holds them to their limits. Throws why they may not. */
  function enter(request: IncomingMessage, answer: Authentication, needed: Scope, isCreate: boolean): Promise<void> | undefined {
    const exchange = exchangeOf(request)
    if ('outcome' in answer) return refuseWrong(request, exchange, answer)
    if (!answer.scopes.includes(needed)) throw lackScope(answer, needed)
    exchange.principal = answer
    if (!isCreate) return follow(limits.slowPoll(answer, exchange.address), delayMs => slow(exchange, delayMs))
    return follow(limits.spendCreate(answer, exchange.address, costOf(request)), admission => admit(request, 'create', admission))
  }

  function slow(exchange: Exchange, delayMs: number): Promise<void> | undefined {
    if (delayMs > 0) exchange.limited = 'poll'
    return holdBack(delayMs)
  }

  /** Who is wrong too often is told so in place of everything else. */
  function refuseWrong(request: IncomingMessage, { address }: Exchange, answer: Refused | Unavailable): Promise<void> | undefined {
    if (!isGuess(answer)) throw refuse(answer)
    return follow(limits.spendFailure(address), admission => {
      admit(request, 'failure', admission, answer.says)
      throw refuse(answer)
    })
  }

  return {
    guard(operation) {
      const needed = scopes.get(operation)
      if (needed === undefined) throw new Error(`No contract has the operation ${operation}`)
      const isCreate = creates.has(operation)
      return request => {
        exchangeOf(request).operation = operation
        if (needed === 'none') return undefined
        const entered = follow(authenticator.authenticate(request.headers, exchangeOf(request).address), answer =>
          enter(request, answer, needed, isCreate),
        )
        // What writes leaves an event of its own.
        const noted = needed === 'write' ? entered : follow(entered, () => audit(principalOf(request), operation, request))
        return noted?.catch(sayUnavailable)
      }
    },
    spend(request, count) {
      if (count <= 0) return undefined
      const spent = limits.spendCreate(principalOf(request), exchangeOf(request).address, count)
      return follow(spent, admission => admit(request, 'create', admission))
    },
    async judgeAgain(request) {
      const { operation, address } = exchangeOf(request)
      const needed = scopes.get(operation)
      const answer = await authenticator.authenticate(request.headers, address)
      if ('outcome' in answer || needed === undefined || needed === 'none' || !answer.scopes.includes(needed)) return undefined
      return answer
    },
  }
}

/** The store is asked before a route is reached: what it cannot write now is no fault of ours. */
function sayUnavailable(error: unknown): never {
  throw error instanceof StoreUnavailable ? describeFailure(error) : error
}

/** So many bytes of a body cost one more. */
const BYTES_A_TOKEN = 16_384

/** What is announced of the body decides: reading, judging and placing take as long as it is large. */
function costOf({ headers }: IncomingMessage): number {
  const bytes = Number(headers['content-length'] ?? 0)
  return 1 + Math.floor(bytes / BYTES_A_TOKEN)
}

/** Goes on at once where the answer is there: polls are many. */
function follow<Answer>(
  answer: Answer | Promise<Answer>,
  goOn: (answer: Answer) => Promise<void> | undefined | void,
): Promise<void> | undefined {
  if (answer instanceof Promise) return answer.then(goOn)
  return goOn(answer) ?? undefined
}

/** A credential that was good once, or is good elsewhere, is no guess: its owner must be told what is wrong with it, however often they ask. */
function isGuess(answer: Refused | Unavailable): boolean {
  return answer.outcome === 'refused' && (answer.reason === 'unknown' || answer.reason === 'malformed')
}

function refuse(answer: Refused | Unavailable): Refusal {
  if (answer.outcome === 'unavailable') {
    return new Refusal('login-unavailable', answer.says, { fix: '', headers: { 'Retry-After': String(answer.retryAfterSeconds) } })
  }
  if (answer.reason === 'conflict') return new Refusal('credential-conflict', answer.says, { fix: '' })
  return answer.reason === 'missing' ? missCredential(answer.says) : refuseCredential(answer.says)
}

function lackScope({ scopes }: Principal, needed: Scope): Refusal {
  const has = scopes.length > 0 ? `it has ${scopes.join(', ')}` : 'it has none'
  return new Refusal('scope-missing', `This needs a credential with the scope ${needed}; ${has}`, {
    headers: { 'WWW-Authenticate': `Bearer realm="portolan", error="insufficient_scope", scope="${needed}"` },
  })
}
