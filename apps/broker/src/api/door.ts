/**
 * The door: the one place that decides whether who asks may call an operation. What an operation needs says the contract (`x-scope`); a route of
 * an operation that no contract has cannot be built. It runs before anything of a request but its headers is read, for every poll: what it needs
 * is found out once for each route, and a credential that is known is answered at once.
 */
import type { Guard } from '@portolan/tes/server'
import type { Authentication, Authenticator, Refused } from '../auth/authenticate.ts'
import type { Principal, Scope } from '../auth/principal.ts'
import type { NeededScope } from './contracts.ts'
import { type Exchange, exchangeOf } from './exchange.ts'
import { Refusal } from './refusal.ts'

export interface Door {
  /** Goes first on the routes of the operation. Throws if no contract has it. */
  readonly guard: (operation: string) => Guard
}

export function createDoor(authenticator: Authenticator, scopes: ReadonlyMap<string, NeededScope>): Door {
  return {
    guard(operation) {
      const needed = scopes.get(operation)
      if (needed === undefined) throw new Error(`No contract has the operation ${operation}`)
      return request => {
        const exchange = exchangeOf(request)
        exchange.operation = operation
        if (needed === 'none') return undefined
        const answer = authenticator.authenticate(request.headers)
        if (answer instanceof Promise) return answer.then(later => enter(exchange, later, needed))
        enter(exchange, answer, needed)
        return undefined
      }
    },
  }
}

/** Notes who asks. Throws why they may not. */
function enter(exchange: Exchange, answer: Authentication, needed: Scope): void {
  if ('outcome' in answer) throw refuse(answer)
  if (!answer.scopes.includes(needed)) throw lackScope(answer, needed)
  exchange.principal = answer
}

function refuse(answer: Exclude<Authentication, Principal>): Refusal {
  if (answer.outcome === 'unavailable') {
    return new Refusal('login-unavailable', answer.says, { headers: { 'Retry-After': String(answer.retryAfterSeconds) } })
  }
  return new Refusal(answer.reason === 'missing' ? 'credential-missing' : 'credential-refused', answer.says, {
    headers: { 'WWW-Authenticate': challenge(answer) },
  })
}

/** A line for each scheme: some clients look at the beginning of a line alone (RFC 9110 section 11.6.1, RFC 6750 section 3). */
function challenge({ reason }: Refused): readonly string[] {
  const error = reason === 'missing' ? '' : ', error="invalid_token"'
  return [`Bearer realm="portolan"${error}`, 'Basic realm="portolan", charset="UTF-8"']
}

function lackScope({ scopes }: Principal, needed: Scope): Refusal {
  const has = scopes.length > 0 ? `it has ${scopes.join(', ')}` : 'it has none'
  return new Refusal('scope-missing', `This needs a credential with the scope ${needed}; ${has}`, {
    headers: { 'WWW-Authenticate': `Bearer realm="portolan", error="insufficient_scope", scope="${needed}"` },
  })
}
