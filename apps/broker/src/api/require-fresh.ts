/**
 * Who asks, by what their login says of them now: asked before a project is looked up for them, so that nobody is told that they are in none because
 * what their login said is too old.
 */
import type { Freshness, Stale } from '../auth/login.ts'
import type { Principal } from '../auth/principal.ts'
import { Refusal } from './refusal.ts'

/** Asks the login if it must. Throws why nobody can say what the person is in. `freshness` is absent where nobody logs in. */
export async function requireFresh(freshness: Pick<Freshness, 'refresh'> | undefined, asking: Principal): Promise<Principal> {
  return freshness === undefined ? asking : refuseStale(await freshness.refresh(asking))
}

function refuseStale(answer: Principal | Stale): Principal {
  if (!('stale' in answer)) return answer
  const { says, retryAfterSeconds } = answer
  // What it says ends with what to do about it.
  if (retryAfterSeconds === undefined) throw new Refusal('login-needed', says, { fix: '' })
  throw new Refusal('login-unavailable', says, { fix: '', headers: { 'Retry-After': String(retryAfterSeconds) } })
}
