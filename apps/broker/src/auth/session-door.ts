/**
 * Sessions of browsers (`browser-door.ts`), by the login store. No login is asked.
 */
import type { LoginStore } from '../stores/login-store.ts'
import type { BrowserDoor } from './browser-door.ts'
import type { KnownCredentials } from './known-credentials.ts'
import type { LoginUpkeep } from './login-upkeep.ts'
import type { People } from './people.ts'
import { isOurOwn } from './rules/cross-site.ts'
import { readCookie, SESSION_COOKIE } from './tokens/cookies.ts'
import { readToken } from './tokens/opaque-token.ts'

export interface SessionDoorParts {
  readonly store: Pick<LoginStore, 'findSession'>
  readonly people: People
  readonly known: KnownCredentials
  readonly upkeep: Pick<LoginUpkeep, 'noteSession'>
  readonly ownIssuer: () => string
  readonly now: () => number
}

const ENDED: Readonly<Record<'idle' | 'expired' | 'ended', string>> = {
  idle: 'You were away for too long, and are logged out. Log in again.',
  expired: 'Your session has reached its end. Log in again.',
  ended: 'You are logged out. Log in again.',
}

export function createSessionDoor({ store, people, known, upkeep, ownIssuer, now }: SessionDoorParts): BrowserDoor {
  return {
    authenticate({ method, headers }) {
      if (!isOurOwn(method, headers, new URL(ownIssuer()).origin))
        return { outcome: 'cross-site', says: 'This was not sent by a page of this service. Go there and do it again.' }
      const cookie = readCookie(headers.cookie, SESSION_COOKIE)
      if (cookie === undefined) return { outcome: 'refused', reason: 'missing', says: 'You are not logged in. Log in.' }
      const at = now()
      const mark = known.mark()
      const hit = known.find(cookie, at)
      if (hit?.session !== undefined) {
        upkeep.noteSession(hit.session)
        return { outcome: 'session', principal: hit.principal, hash: hit.session }
      }
      const read = readToken(cookie)
      const found = read.outcome === 'token' && read.kind === 'session' ? store.findSession(read.hash, at) : undefined
      if (read.outcome !== 'token' || !found)
        return { outcome: 'refused', reason: 'unknown', says: 'The session is not known. Log in again.' }
      const { standing, session } = found
      if (standing !== 'live') return { outcome: 'refused', reason: 'expired', says: ENDED[standing] }
      const credential = { kind: 'session', expiresAt: session.expiresAt } as const
      const principal = people.admit(session.owner, { scopes: people.grantable(session.owner), credential })
      if (!principal) return { outcome: 'refused', reason: 'issuer', says: people.whyNot(session.owner) }
      known.keep(cookie, { principal, session: read.hash }, { expiresAt: session.expiresAt, mark, now: at })
      upkeep.noteSession(read.hash)
      return { outcome: 'session', principal, hash: read.hash }
    },
  }
}
