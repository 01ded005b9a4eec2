/**
 * Guards of what a person may by what their login says: which login (row 1), which way to log in (row 14), what counts and for how long (row 4).
 */
import type { Guard } from '../guard.ts'

const PEOPLE = 'apps/broker/src/auth/people.ts'
const PEOPLE_TESTS = ['apps/broker/src/auth/people.test.ts']
const FOREIGN = 'apps/broker/src/auth/foreign-tokens.ts'
const KNOWN_TESTS = ['apps/broker/test/login/known-tokens.test.ts']
const LOST_ADMIN = ['test/e2e/lost-admin.test.ts']
const NEW_TOKEN_TESTS = ['apps/broker/src/auth/rules/new-token.test.ts']

export const PERSONS: readonly Guard[] = [
  {
    id: 'issuer-still-admitted',
    threats: ['T01'],
    file: PEOPLE,
    off: [
      ['if (!rule || refuseWay(', 'if (rule && refuseWay('],
      [
        'const { authorities } = rule\n    const { groupPrefix } = rule.issuer',
        'const authorities = rule?.authorities ?? []\n    const groupPrefix = rule?.issuer.groupPrefix',
      ],
    ],
    tests: PEOPLE_TESTS,
  },
  {
    id: 'old-claims-count-for-nothing',
    threats: ['T04'],
    file: PEOPLE,
    off: [
      [
        `judgeClaimsAge(claimsAt, claimsMaxAgeMs, now()).outcome === 'fresh'`,
        'judgeClaimsAge(claimsAt, claimsMaxAgeMs, now()) !== undefined',
      ],
    ],
    tests: PEOPLE_TESTS,
  },
  {
    id: 'groups-by-the-prefix-of-now',
    threats: ['T04'],
    file: PEOPLE,
    off: [['claims.groups.filter(group => group.startsWith(groupPrefix))', 'claims.groups']],
    tests: PEOPLE_TESTS,
  },
  {
    id: 'administrators-on-the-list',
    threats: ['T04'],
    file: 'apps/broker/src/auth/project-directory.ts',
    off: [[`scopes.includes('admin') && isAdmin(person) ?`, `scopes.includes('admin') ?`]],
    tests: LOST_ADMIN,
  },
  {
    id: 'no-administrator-by-a-token-of-a-login',
    threats: ['T04'],
    file: FOREIGN,
    off: [[`const SCOPES = ['read', 'write'] as const`, `const SCOPES = ['read', 'write', 'admin'] as const`]],
    tests: LOST_ADMIN,
  },
  {
    id: 'tokens-for-own-projects',
    threats: ['T04'],
    file: 'apps/broker/src/auth/rules/new-token.ts',
    off: [['projects.find(id => id === wanted.project)', '(projects.length < 0 ? undefined : wanted.project)']],
    tests: NEW_TOKEN_TESTS,
  },
  {
    id: 'personal-tokens-end',
    threats: ['T04'],
    file: 'apps/broker/src/auth/rules/token-expiry.ts',
    off: [[' && expiresAt <= now + personalMostMs) return', ' && personalMostMs > 0) return']],
    tests: NEW_TOKEN_TESTS,
  },
  {
    id: 'way-to-log-in',
    threats: ['T14'],
    file: 'apps/broker/src/auth/record-login.ts',
    off: [[`if (wrongWay !== undefined) return { outcome: 'refused', says: wrongWay }\n`, '']],
    tests: ['test/e2e/device-page.test.ts'],
  },
  {
    id: 'second-factor-asked-for',
    threats: ['T14'],
    file: 'apps/broker/src/auth/web/web-login.ts',
    off: [['issuer.acrValues.length > 0 && {', 'issuer.acrValues.length < 0 && {']],
    tests: ['test/e2e/device-page.test.ts'],
  },
  {
    id: 'way-to-log-in-kept',
    threats: ['T14'],
    file: 'apps/broker/src/auth/claims-renewal.ts',
    off: [['toPersonClaims(answer.claims, people.describe(person)?.claims.acr)', 'toPersonClaims(answer.claims)']],
    tests: KNOWN_TESTS,
  },
  {
    id: 'way-to-log-in-kept-beside-tokens',
    threats: ['T14'],
    file: FOREIGN,
    off: [['token.claims.acr ?? known?.claims.acr', 'token.claims.acr']],
    tests: KNOWN_TESTS,
  },
  {
    id: 'withdrawn-after-it-was-vouched-for',
    threats: ['T02'],
    file: FOREIGN,
    off: [[' || vouched.find(text, askedAt) !== undefined)', ')']],
    tests: KNOWN_TESTS,
  },
]
