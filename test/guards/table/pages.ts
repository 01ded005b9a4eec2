/**
 * Guards of the pages: the browser's way to a login and back, its session and forms (row 13), and letting devices in (row 14).
 */
import type { Guard } from '../guard.ts'

const WEB_LOGIN = 'apps/broker/src/auth/web/web-login.ts'
const THREATS = ['test/e2e/web-threats.test.ts']
const FAULTS = ['test/e2e/web-login-faults.test.ts']

export const PAGES: readonly Guard[] = [
  {
    id: 'text-is-no-markup',
    threats: ['T13'],
    file: 'apps/broker/src/app/html.ts',
    off: [
      [`.replace(SPECIAL, character => ENTITIES[character] ?? '')`, `.replace(SPECIAL, character => ENTITIES[character] && character)`],
    ],
    tests: ['apps/broker/src/app/html.test.ts', 'apps/broker/src/app/pages.test.ts'],
  },
  {
    id: 'text-does-not-deceive',
    threats: ['T13'],
    file: 'apps/broker/src/app/html.ts',
    off: [[`.replace(DECEIVING, '\\ufffd')`, `.replace(DECEIVING, '$&')`]],
    tests: ['apps/broker/src/app/html.test.ts'],
  },
  {
    id: 'page-headers',
    threats: ['T13'],
    file: 'apps/broker/src/app/page.ts',
    off: [['...HEADERS, ...page.headers', `'Content-Type': HEADERS['Content-Type'], ...page.headers`]],
    tests: THREATS,
  },
  {
    id: 'returns-to-ours',
    threats: ['T13'],
    file: 'apps/broker/src/auth/rules/return-to.ts',
    off: [['asked.length <= MOST_CHARACTERS && PATH.test(asked)', 'asked.length <= MOST_CHARACTERS || PATH.test(asked)']],
    tests: ['apps/broker/src/auth/rules/return-to.test.ts'],
  },
  {
    id: 'form-of-this-session',
    threats: ['T13'],
    file: 'apps/broker/src/auth/tokens/form-token.ts',
    off: [['return text !== undefined && isSameSecret(', 'return text !== session || isSameSecret(']],
    tests: THREATS,
  },
  {
    id: 'ending-form-of-this-session',
    threats: ['T13'],
    file: 'apps/broker/src/app/access-handler.ts',
    off: [['!isFormTokenOf(session, fields.form_token)', 'isFormTokenOf(session, session)']],
    tests: THREATS,
  },
  {
    id: 'new-session-at-login',
    threats: ['T13'],
    file: WEB_LOGIN,
    off: [['session, replaces, most, now: now() })', 'session, most, now: now() })']],
    tests: THREATS,
  },
  {
    id: 'binding-of-this-browser',
    threats: ['T13'],
    file: WEB_LOGIN,
    off: [
      ['bindingHash: hashSecret(binding),\n', `bindingHash: hashSecret('any'),\n`],
      ['bindingHash: hashSecret(binding) }', `bindingHash: hashSecret('any') }`],
    ],
    tests: THREATS,
  },
  {
    id: 'id-token-authorised-party',
    threats: ['T01'],
    file: WEB_LOGIN,
    off: [['claims.azp !== undefined && claims.azp !== issuer.clientId', 'claims.azp !== undefined && claims.azp === issuer.issuer']],
    tests: FAULTS,
  },
  {
    id: 'code-costs-a-try',
    threats: ['T14'],
    file: 'apps/broker/src/app/device-handlers.ts',
    off: [[`admit(request, 'code', await limits.spendCode(address, principal))`, `admit(request, 'code', { outcome: 'admitted' })`]],
    tests: ['test/e2e/device-page.test.ts'],
  },
]
