/**
 * The login behind the table of access: a real store, and of the rest what the routes of the table ask for. Who people are says `testLogin`.
 */
import type { Login } from '../../src/auth/login.ts'
import { scopesOf } from '../../src/auth/rules/scopes.ts'
import type { LoginStore } from '../../src/stores/login-store.ts'
import { subjectOf, testLogin } from './test-login.ts'

const DAY_MS = 86_400_000

export function createTableLogin(store: LoginStore): Login {
  const unused = (): never => {
    throw new Error('No route of the table asks for this')
  }
  const forget = (): void => undefined
  return {
    store,
    issuers: [],
    lifetimes: { accessMs: 900_000, refreshMs: 30 * DAY_MS, personalMs: 90 * DAY_MS, personalMostMs: 365 * DAY_MS },
    bounds: { person: { tokens: 100, devices: 50, sessions: 20 }, begun: { logins: 100, devices: 100 } },
    boundsObserver: { bounded: forget },
    ownIssuer: () => 'http://127.0.0.1:8080',
    authenticator: testLogin.authenticator,
    browser: { authenticate: () => ({ outcome: 'refused', reason: 'missing', says: 'No session came' }) },
    freshness: { refresh: principal => principal },
    known: { token: forget, family: forget, session: forget, person: forget },
    recordLogin: unused,
    admit: () => undefined,
    whyNot: unused,
    grantable: ({ subject }) => scopesOf(subject === subjectOf('admin')),
    describe: () => undefined,
    mintAccessToken: unused,
    jwks: unused,
    hashUserCode: unused,
  }
}
