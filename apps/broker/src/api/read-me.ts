/**
 * Who one is and what one is in, for the route `me` and for the page.
 */
import type { Login } from '../auth/login.ts'
import type { Principal } from '../auth/principal.ts'
import type { ProjectDirectory } from '../auth/project-of.ts'
import type { Me } from './account-schemas.ts'
import { showMe } from './account-views.ts'

export interface MeParts {
  /** Undefined in open mode. */
  readonly login: Pick<Login, 'store' | 'freshness' | 'describe'> | undefined
  readonly projects: ProjectDirectory
  /** ms since 1970. */
  readonly now: () => number
}

/** Claims that are too old make nobody a member. Nobody waits for the login here: it is asked behind their back, and that is said. */
export function readMe({ login, projects, now }: MeParts, asking: Principal): Me {
  const fresh = login === undefined ? asking : login.freshness.look(asking)
  const principal = 'stale' in fresh ? asking : fresh
  const own = projects.projectsOf(principal)
  const facts = { principal, projects: own, waysIn: projects.waysIn, now: now() }
  if (login === undefined) return showMe({ ...facts, mode: 'open' })
  const known = login.describe(principal)
  const linked = login.store.getPerson(principal, principal)?.linked
  return showMe({ ...facts, mode: 'required', known, stale: 'stale' in fresh && own.length === 0 ? fresh.says : undefined, linked })
}
