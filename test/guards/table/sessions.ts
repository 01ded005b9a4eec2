/**
 * Guards of the browser's way in and of its session (rows 1 and 13), beside those of the pages.
 */
import type { Guard } from '../guard.ts'

const STANDING = 'apps/broker/src/stores/login-rules/standing.ts'
const LOGIN_STORE = ['apps/broker/src/stores/sqlite-login-store.test.ts']
const SESSIONS = ['apps/broker/test/login/sessions.test.ts']
const THREATS = ['test/e2e/web-threats.test.ts']
const WEB_LOGIN = 'apps/broker/src/auth/web/web-login.ts'

export const SESSION_GUARDS: readonly Guard[] = [
  {
    id: 'id-token-signature',
    threats: ['T01'],
    file: 'apps/broker/src/http/oauth-client.ts',
    off: [['  enableNonRepudiationChecks(configuration)\n', '']],
    tests: ['test/e2e/web-login-faults.test.ts'],
  },
  {
    id: 'code-challenge',
    threats: ['T13'],
    file: WEB_LOGIN,
    off: [[`      code_challenge: challenge,\n      code_challenge_method: 'S256',\n`, '']],
    tests: ['test/e2e/web-login.test.ts'],
  },
  {
    id: 'login-expiry',
    threats: ['T13'],
    file: 'apps/broker/src/stores/sqlite/commands/login/pending-logins.ts',
    off: [[`if (now >= login.expires_at) return { outcome: 'expired' }\n`, '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'session-expiry',
    threats: ['T13'],
    file: STANDING,
    off: [[`if (now >= session.expiresAt) return 'expired'\n`, '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'session-ended',
    threats: ['T13'],
    file: STANDING,
    off: [[`if (session.endedAt !== undefined) return 'ended'\n`, '']],
    tests: SESSIONS,
  },
  {
    id: 'session-from-our-own-origin',
    threats: ['T13'],
    file: 'apps/broker/src/auth/rules/cross-site.ts',
    off: [['site === undefined ? headers.origin === ownOrigin', `site === undefined ? ownOrigin !== ''`]],
    tests: SESSIONS,
  },
  {
    id: 'session-is-no-credential',
    threats: ['T13'],
    file: 'apps/broker/src/auth/presented/read-credential.ts',
    off: [[`return own.kind === 'personal' ? {`, `return own.kind !== 'device' ? {`]],
    tests: SESSIONS,
  },
  {
    id: 'credential-is-no-session',
    threats: ['T13'],
    file: 'apps/broker/src/auth/session-door.ts',
    off: [['if (hit?.session !== undefined) {', 'if (hit !== undefined) {']],
    tests: SESSIONS,
  },
  {
    id: 'logout-is-told-to-the-door',
    threats: ['T13'],
    file: 'apps/broker/src/auth/web/web-logout.ts',
    off: [['login.known.session(session)\n', '']],
    tests: THREATS,
  },
  {
    id: 'form-of-this-session-for-devices',
    threats: ['T13'],
    file: 'apps/broker/src/app/device-handlers.ts',
    off: [['if (!isFormTokenOf(session, token)) return', `if (!isFormTokenOf(session, token) && code === '-') return`]],
    tests: THREATS,
  },
]
