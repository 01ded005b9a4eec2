/**
 * Guards of the broker as an authorization server: what a device gets (row 14), what a refresh brings (rows 2 and 4), and how often both may be tried
 * (row 16).
 */
import type { Guard } from '../guard.ts'

const OAUTH = 'apps/broker/src/auth/oauth'
const REFRESH = `${OAUTH}/refresh-login.ts`
const HANDLERS = 'apps/broker/src/app/device-handlers.ts'
const ROUTES = 'apps/broker/src/api/oauth-routes.ts'
const LOGIN_STORE = ['apps/broker/src/stores/sqlite-login-store.test.ts']
const DEVICE = ['test/e2e/device-login.test.ts']
const PAGE = ['test/e2e/device-page.test.ts']
const REFRESHED = ['test/e2e/refresh.test.ts']
const GUESSES = ['test/e2e/guesses.test.ts']
const LOST_ADMIN = ['test/e2e/lost-admin.test.ts']

export const DEVICES: readonly Guard[] = [
  {
    id: 'device-of-its-client',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/poll-device.ts',
    off: [[`if (flow.client !== client) return { outcome: 'notFound' }\n`, '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'device-no-more-than-its-person',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/devices.ts',
    off: [[' || exceeds(principal, { scopes, project })) {', ') {']],
    tests: LOGIN_STORE,
  },
  {
    id: 'device-offered-no-more',
    threats: ['T14'],
    file: HANDLERS,
    off: [['return scopes.filter(scope => held.includes(scope))', 'return held.length === 0 ? held : scopes']],
    tests: PAGE,
  },
  {
    id: 'device-for-own-projects',
    threats: ['T14'],
    file: HANDLERS,
    off: [['own.find(entry => entry.id === named)?.id', '(own.length === 0 || named === "" ? undefined : named)']],
    tests: PAGE,
  },
  {
    id: 'device-gets-what-is-left',
    threats: ['T04'],
    file: `${OAUTH}/device-flow.ts`,
    off: [['approved.filter(scope => grantable.includes(scope))', 'grantable.length === 0 ? grantable : approved']],
    tests: LOST_ADMIN,
  },
  {
    id: 'names-of-devices-plain',
    threats: ['T14'],
    file: `${OAUTH}/read-asked.ts`,
    off: [['text.length <= MOST_CHARACTERS && CLIENT_ID.test(text)', 'text.length <= MOST_CHARACTERS || CLIENT_ID.test(text)']],
    tests: DEVICE,
  },
  {
    id: 'parameters-once',
    threats: ['T14'],
    file: 'apps/broker/src/api/form-body.ts',
    off: [['if (form.has(name)) return', 'if (name === value && form.has(name) && name === "") return']],
    tests: DEVICE,
  },
  {
    id: 'refresh-asks-no-more',
    threats: ['T02'],
    file: `${OAUTH}/read-asked.ts`,
    off: [['if (value.every(scope => held.includes(scope))) return', 'if (held.length > 0) return']],
    tests: REFRESHED,
  },
  {
    id: 'refresh-gets-what-is-left',
    threats: ['T04'],
    file: REFRESH,
    off: [['wanted.value.filter(scope => grantable.includes(scope))', 'grantable.length === 0 ? grantable : wanted.value']],
    tests: LOST_ADMIN,
  },
  {
    id: 'membership-at-refresh',
    threats: ['T04'],
    file: REFRESH,
    off: [['return project === undefined || memberOf.includes(project)', 'return project === undefined || memberOf.length >= 0']],
    tests: REFRESHED,
  },
  {
    id: 'reuse-is-told-to-the-door',
    threats: ['T02'],
    file: REFRESH,
    off: [['login.known.family(rotated.family.id)\n', '']],
    tests: REFRESHED,
  },
  {
    id: 'giving-up-is-told-to-the-door',
    threats: ['T02'],
    file: `${OAUTH}/revoke-token.ts`,
    off: [['if (family) login.known.family(family.id)', '']],
    tests: DEVICE,
  },
  {
    id: 'refreshes-limited',
    threats: ['T16'],
    file: REFRESH,
    off: [['await spend(found.owner)\n', '']],
    tests: REFRESHED,
  },
  {
    id: 'device-logins-limited',
    threats: ['T16'],
    file: ROUTES,
    off: [[`admit(request, 'login', await limits.spendLogin(address))`, '']],
    tests: GUESSES,
  },
  {
    id: 'page-logins-limited',
    threats: ['T16'],
    file: 'apps/broker/src/app/login-handlers.ts',
    off: [[`admit(request, 'login', await limits.spendLogin(exchangeOf(request).address))`, '']],
    tests: GUESSES,
  },
  {
    id: 'guesses-at-tokens-counted',
    threats: ['T16'],
    file: ROUTES,
    off: [[`answer.outcome === 'refused' && answer.isGuess === true`, `answer.outcome === 'refused' && answer.says === ''`]],
    tests: GUESSES,
  },
  {
    id: 'approvals-end-with-all',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/end-all.ts',
    off: [['for (const { id } of decided) endFlow.run({ id, now })', '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'tokens-end-with-all',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/end-all.ts',
    off: [['tokens ? revokeTokens(person, principal, now) : 0', 'tokens ? 0 : 0']],
    tests: LOGIN_STORE,
  },
  {
    id: 'no-token-of-an-ended-login',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/tokens.ts',
    off: [["if (hasEnded(principal, now)) return { outcome: 'ended' }", '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'no-approval-by-an-ended-session',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/devices.ts',
    off: [["if (hasEnded(hash, now)) return { outcome: 'ended' }", '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'no-family-of-what-was-taken-back',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/families.ts',
    off: [["if (flow !== undefined && !used.get({ id: flow, now })) return { outcome: 'withdrawn' }", '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'approvals-of-others',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/end-all.ts',
    off: [
      ['if (!reachesOwned(principal, { issuer: flow.issuer, subject: flow.subject }, projectOf(flow)))', 'if (projectOf(flow) === "")'],
    ],
    tests: LOGIN_STORE,
  },
]
